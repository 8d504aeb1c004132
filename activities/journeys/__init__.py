"""Synthetic journeys over HTTP: through the same door as customers, and told apart from them."""

from collections.abc import Mapping
from types import MappingProxyType

from activities.journeys.activities import JourneysActivities
from activities.journeys.entrance import HttpEntrance

ENTRANCES: Mapping[str, type[HttpEntrance]] = MappingProxyType({HttpEntrance.type: HttpEntrance})
"""By the type that catalogs and settings name."""

__all__ = ["ENTRANCES", "HttpEntrance", "JourneysActivities"]
