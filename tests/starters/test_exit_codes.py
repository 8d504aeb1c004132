"""The table that pipelines build on."""

import pytest

from starters.exit_codes import BY_PHASE, ExitCode, code_of, parse_fail_on
from workflows.domain.release.phase import Phase


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (Phase.HEALTHY, 0),
        (Phase.PLANNED, 0),
        (Phase.PROGRESSING, 0),
        (Phase.VERIFYING, 0),
        (Phase.ROLLING_BACK, 0),
        (Phase.DENIED, 10),
        (Phase.AWAITING_APPROVAL, 11),
        (Phase.HOLDING, 13),
        (Phase.ROLLED_BACK, 20),
        (Phase.ROLLBACK_INCOMPLETE, 21),
        (Phase.CANCELLED, 22),
    ],
)
def test_each_phase_has_its_code(phase, code):
    assert code_of(phase) == code


def test_every_code_has_a_meaning_and_its_own_number():
    assert all(code.means for code in ExitCode)
    assert len({int(code) for code in ExitCode}) == len(ExitCode)


def test_fail_on_makes_its_codes_the_only_ones_that_fail():
    fail_on = parse_fail_on("20, 21")

    assert code_of(Phase.ROLLED_BACK, fail_on) == ExitCode.ROLLED_BACK
    assert code_of(Phase.HOLDING, fail_on) == ExitCode.OK


def test_without_fail_on_nothing_is_chosen():
    assert parse_fail_on(None) is None


def test_a_code_of_no_phase_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"--fail-on 10,75: 75 is not the code of a phase") as no:
        parse_fail_on("10,75")

    assert all(str(int(code)) in str(no.value) for code in BY_PHASE.values())
