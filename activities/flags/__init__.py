"""Flags: one adapter for each type of flag provider that an environment may name."""

from typing import Final

from activities.flags.appconfig import AppConfig
from activities.flags.flagd import FlagdFile

FLAG_PROVIDERS: Final = {"appconfig": AppConfig, "flagd": FlagdFile}
"""The `type` of a flag provider in a catalog or in the settings, to the adapter for it."""
