import pytest

from workflows.domain.errors import Aborted, CanaryUnhealthy, GateClosed, PolicyViolated, Stopped
from workflows.domain.release.phase import Phase, phase_after

SETTLED = {Phase.HEALTHY, Phase.ROLLED_BACK, Phase.DENIED, Phase.CANCELLED}


@pytest.mark.parametrize("phase", Phase)
def test_only_a_settled_release_needs_nobody_any_more(phase):
    assert phase.final == (phase in SETTLED)


@pytest.mark.parametrize(
    ("error", "touched", "phase"),
    [
        (None, False, Phase.CANCELLED),
        (None, True, Phase.CANCELLED),
        (Aborted("by ana"), True, Phase.CANCELLED),
        (Stopped("by ana"), True, Phase.ROLLED_BACK),
        (CanaryUnhealthy("slow"), True, Phase.ROLLED_BACK),
        (PolicyViolated("no such service"), False, Phase.DENIED),
        (GateClosed("rejected"), False, Phase.DENIED),
        (GateClosed("rejected in production, after staging"), True, Phase.DENIED),
    ],
)
def test_how_a_release_ends_that_turned_back(error, touched, phase):
    assert phase_after(error, touched=touched) is phase
