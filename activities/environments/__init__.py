"""Environments that come and go: one provisioner for each type that a template may name."""

from collections.abc import Callable
from typing import Final

from activities.environments.activities import EnvironmentsActivities
from activities.environments.cloudformation import CloudFormation
from activities.environments.provisioner import AwsClients, Provisioner

PROVISIONERS: Final[dict[str, Callable[..., Provisioner]]] = {"cloudformation": CloudFormation}
"""The `type` of a provider in a catalog or in the settings, to the adapter that drives it."""

__all__ = ["PROVISIONERS", "AwsClients", "EnvironmentsActivities"]
