"""The exit codes of an environment's phases."""

from types import MappingProxyType

from starters.exit_codes import ExitCode
from workflows.domain.environments.view import EnvironmentPhase

BY_ENVIRONMENT_PHASE = MappingProxyType(
    {
        EnvironmentPhase.HELD: ExitCode.HOLDING,
        EnvironmentPhase.TEARDOWN_INCOMPLETE: ExitCode.ROLLBACK_INCOMPLETE,
        EnvironmentPhase.FAILED: ExitCode.ROLLED_BACK,
    }
)
"""The phases that have a code of their own; every other phase is 0."""


def code_of_environment(phase: EnvironmentPhase) -> int:
    return BY_ENVIRONMENT_PHASE.get(phase, ExitCode.OK)
