"""The stories that a schedule may start, each with what it is told."""

from collections.abc import Mapping

from workflows.domain.environments.sweeping import (
    DriftCheckOrder,
    ExpiredSweepOrder,
    OrphanSweepOrder,
)
from workflows.domain.values import Value
from workflows.drift_check import DriftCheckWorkflow
from workflows.expired_sweep import ExpiredSweepWorkflow
from workflows.orphan_sweep import OrphanSweepWorkflow
from workflows.seal import SealOrder, SealWorkflow
from workflows.sweep import SweepOrder, SweepWorkflow

STORIES: Mapping[str, type[Value]] = {
    SweepWorkflow.__name__: SweepOrder,
    SealWorkflow.__name__: SealOrder,
    ExpiredSweepWorkflow.__name__: ExpiredSweepOrder,
    OrphanSweepWorkflow.__name__: OrphanSweepOrder,
    DriftCheckWorkflow.__name__: DriftCheckOrder,
}
