"""What an environment's phase answers to a program."""

from starters.environments.codes import code_of_environment
from starters.exit_codes import ExitCode
from workflows.domain.environments.view import EnvironmentPhase


def test_each_phase_has_the_code_that_says_whether_somebody_must_look():
    codes = {phase: code_of_environment(phase) for phase in EnvironmentPhase}

    assert {phase for phase, code in codes.items() if code} == {
        EnvironmentPhase.HELD,
        EnvironmentPhase.TEARDOWN_INCOMPLETE,
        EnvironmentPhase.FAILED,
    }
    assert codes[EnvironmentPhase.HELD] == ExitCode.HOLDING
    assert codes[EnvironmentPhase.TEARDOWN_INCOMPLETE] == ExitCode.ROLLBACK_INCOMPLETE
    assert codes[EnvironmentPhase.FAILED] == ExitCode.ROLLED_BACK
