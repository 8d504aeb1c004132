from tests.workflows.domain.calendar.calendars import a_freeze, hour
from workflows.domain.calendar.declared import entry_of_freeze, entry_of_lift
from workflows.domain.calendar.scope import Scope


def test_the_record_says_who_froze_what_until_when_and_why():
    entry = entry_of_freeze(a_freeze(0, 5, scope=Scope(regions=("eu-west",))))

    assert entry.sentence == "ana freezes regions eu-west until 2026-11-23 17:00Z: incident-7"
    assert (entry.actor, entry.outcome, entry.detail) == ("ana", "frozen", "hold: payments fail")
    assert "until it is lifted" in entry_of_freeze(a_freeze(0, None)).sentence


def test_it_is_one_entry_whether_or_not_it_was_lifted_since():
    freeze = a_freeze(0, None)
    lifted = freeze.model_copy(update={"lifted_at": hour(1), "lifted_by": "ben"})

    entry = entry_of_lift(lifted, by="ben", at=hour(1), reason="fixed")

    assert entry_of_freeze(lifted) == entry_of_freeze(freeze)
    assert entry.key == f"lift {entry_of_freeze(freeze).key}"
    assert entry.sentence == "ben lifts the freeze incident-7 of ana"
