from dataclasses import dataclass

import pytest

from activities.journeys.arm import Arm, Tally, plus
from workflows.domain.journeys.report import Sent


@dataclass
class Visited:
    requests: int
    errors: int


@pytest.mark.parametrize(
    ("arm", "version", "strayed"),
    [
        (Arm(expects="v2"), "v2", False),
        (Arm(expects="v2"), "v1", True),
        (Arm(avoids="v2"), "v2", True),
        (Arm(avoids="v2"), "v1", False),
        (Arm(expects="v2"), None, False),
        (Arm(), "v1", False),
    ],
)
def test_only_a_version_that_is_told_can_show_that_the_other_arm_answered(arm, version, strayed):
    assert arm.strayed(version) is strayed


def test_tries_add_up_and_what_strayed_is_the_other_arms():
    tally = Tally()

    tally.add(Visited(requests=3, errors=1), Sent())
    tally.add(Visited(requests=2, errors=1), Sent(requests=1, errors=1))

    assert tally.sent == Sent(requests=4, errors=1)
    assert tally.strayed == Sent(requests=1, errors=1)
    assert plus(tally.sent, tally.strayed) == Sent(requests=5, errors=2)
