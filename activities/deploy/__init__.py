"""Deploy: one adapter for each type of platform that an environment may name."""

from collections.abc import Callable
from typing import Final

from activities.deploy.ecs import EcsPlatform
from activities.deploy.platform import Platform
from activities.deploy.supervisor import SupervisorPlatform

PLATFORMS: Final[dict[str, Callable[..., Platform]]] = {
    "ecs": EcsPlatform,
    "supervisor": SupervisorPlatform,
}
"""The `type` of a platform in a catalog or in the settings, to the adapter that drives it."""
