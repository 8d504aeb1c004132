"""Alerts: one adapter for each type of alert manager that an environment may name."""

from typing import Final

from activities.alerts.alertmanager import Alertmanager

MANAGERS: Final = {Alertmanager.type: Alertmanager}
"""The `type` of an alert manager in a catalog or in the settings, to its adapter."""
