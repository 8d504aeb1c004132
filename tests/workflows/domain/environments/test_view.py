import pytest

from workflows.domain.environments.view import EnvironmentPhase


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_only_what_is_proved_to_be_gone_is_final(phase):
    assert phase.final == (phase in {EnvironmentPhase.REMOVED, EnvironmentPhase.FAILED})
