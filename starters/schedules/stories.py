"""The stories that a schedule may start, each with what it is told."""

from collections.abc import Mapping

from workflows.domain.values import Value
from workflows.seal import SealOrder, SealWorkflow
from workflows.sweep import SweepOrder, SweepWorkflow

STORIES: Mapping[str, type[Value]] = {
    SweepWorkflow.__name__: SweepOrder,
    SealWorkflow.__name__: SealOrder,
}
