from datetime import timedelta

import pytest

from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.environments.view import EnvironmentPhase, Warned


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_only_what_is_proved_to_be_gone_is_final(phase):
    assert phase.final == (phase in {EnvironmentPhase.REMOVED, EnvironmentPhase.FAILED})


def test_what_is_known_of_a_notice_stands_at_the_warnings_it_was_of():
    """Several that fell due at once are one notice; one before an extension is none of them."""
    given = tuple(
        Warned(before=timedelta(hours=hours), at=NOON, notice=key)
        for hours, key in ((24, "a"), (2, "b"), (1, "b"))
    )
    notice = OwnerNotice(key="b", subject="ends", text="")

    view = a_view(warned=given).knows_told(notice, "told so")

    assert [each.told for each in view.warned] == ["", "told so", "told so"]
    assert view.told == "ends: told so"
