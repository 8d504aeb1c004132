from datetime import timedelta

import pytest

from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.commands import Ending
from workflows.domain.environments.due import due, kept_by, standing
from workflows.domain.environments.view import EnvironmentPhase, Hold, Warned

ASKED = Ending(by="ana", reason="merged", asked=True)
ENDED = Ending(by="release/shop/1", reason="its release has ended")
HOLD = Hold(by="ben", reason="case 4711", since=NOON)
SECOND = timedelta(seconds=1)


def test_its_lease_ends_it_at_its_expiry_and_no_moment_earlier():
    view = a_view()

    over = due(view, None, now=view.expires_at)

    assert due(view, None, now=view.expires_at - SECOND) is None
    assert over == Ending(by="its lease", reason="its time was over at 2026-11-29 12:00Z")


def test_what_was_said_is_why_it_goes_even_once_its_time_is_over():
    view = a_view()

    assert due(view, ASKED, now=NOON) == ASKED
    assert due(view, ASKED, now=view.expires_at) == ASKED


@pytest.mark.parametrize(
    ("changes", "ending", "tagged", "kept"),
    [
        ({}, ENDED, False, None),
        ({"hold": HOLD}, ASKED, False, "held by ben: case 4711"),
        ({"hold": HOLD, "protected": True}, ENDED, True, "held by ben: case 4711"),
        ({}, ASKED, True, "the tag of its hold is not taken off yet"),
        ({"protected": True}, ENDED, False, "protected until a person says so"),
        ({"protected": True}, None, False, "protected until a person says so"),
        ({"protected": True}, ASKED, False, None),
    ],
)
def test_a_hold_keeps_it_from_everybody_and_protection_from_all_but_a_person(
    changes, ending, tagged, kept
):
    assert kept_by(a_view(**changes), ending, hold_tagged=tagged) == kept


def test_what_never_was_ready_is_kept_by_nothing():
    """Nobody has put anything in it."""
    view = a_view(ready_at=None, hold=HOLD, protected=True)

    assert kept_by(view, ENDED, hold_tagged=True) is None


def test_where_it_stands_follows_from_what_is_due_and_what_keeps_it():
    warned = a_view(warned=(Warned(before=timedelta(hours=1), at=NOON),))

    assert standing(a_view(), None, "protected") == (EnvironmentPhase.READY, "")
    assert standing(warned, None, None) == (
        EnvironmentPhase.EXPIRING,
        "its owner has been warned",
    )
    assert standing(warned, ENDED, "held by ben: case 4711") == (
        EnvironmentPhase.HELD,
        "its release has ended; held by ben: case 4711",
    )
    assert standing(warned, ASKED, None) == (EnvironmentPhase.TEARING_DOWN, "merged")
