"""Deploy: one adapter for each type of platform that an environment may name."""

from typing import Final

from activities.deploy.supervisor import SupervisorPlatform

PLATFORMS: Final = {"supervisor": SupervisorPlatform}
"""The `type` of a platform in a catalog or in the settings, to the adapter that drives it."""
