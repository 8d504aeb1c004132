"""Traffic: one adapter for each type of router that an environment may name."""

from typing import Final

from activities.traffic.envoy import EnvoyRouter

ROUTERS: Final = {"envoy": EnvoyRouter}
"""The `type` of a router in a catalog or in the settings, to the adapter that drives it."""
