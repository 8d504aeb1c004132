"""One word and one exit code for a pipeline; what nobody knows is never a yes."""

from datetime import timedelta

from starters.exit_codes import ExitCode
from starters.planning.may_release import answer
from tests.builders import a_catalog, an_order
from tests.workflows.domain.rules.ruled import NOON, ruled
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.admission.foreseen import Foreseen
from workflows.domain.calendar.ruling import SlotRuling, WindowRuling
from workflows.domain.calendar.windows import Move
from workflows.domain.gates.gates import GateRuling

FREE = admit(an_order(), Facts(at=NOON, foreseen=True)).model_copy(update={"slot": None})
DENIED = ruled('deny contains "no"')


def told(admission, **changed):
    return answer(Foreseen(admission=admission.model_copy(update=changed)))


def test_nothing_in_the_way_is_a_yes():
    assert (told(FREE).code, told(FREE).word) == (ExitCode.OK, "yes")


def test_documents_that_are_refused_are_a_no():
    found = answer(Foreseen(refused="one\ntwo"))

    assert (found.code, found.reasons) == (ExitCode.DENIED, ("one", "two"))


def test_what_rules_deny_is_a_no_with_and_without_facts():
    for unread in ("", "nobody answers"):
        found = answer(Foreseen(admission=DENIED, unread=unread))
        assert (found.code, found.reasons) == (ExitCode.DENIED, DENIED.denials)


def test_what_nobody_knows_is_no_yes():
    found = answer(Foreseen(admission=FREE, unread="nobody answers"))

    assert (found.code, found.reasons) == (ExitCode.UNAVAILABLE, ("nobody answers",))


def test_rules_that_only_lack_a_fact_are_not_a_no_before_it_could_be_read():
    lacking = ruled('deny contains "x" if count(input.facts.reviews.reviews) < 2')

    assert answer(Foreseen(admission=lacking, unread="away")).code == ExitCode.UNAVAILABLE
    assert answer(Foreseen(admission=lacking)).code == ExitCode.DENIED


def test_a_freeze_says_when_it_opens():
    window = WindowRuling(
        environment="staging",
        move=Move.START,
        at=NOON,
        open=False,
        reason="the year ends",
        next_open=NOON + timedelta(hours=2),
        ask_again_at=NOON,
    )

    found = told(FREE, slot=SlotRuling(environments=(window,)))

    assert found.code == ExitCode.FROZEN
    assert found.as_json()["nextOpen"] == "2026-03-02T14:00:00+00:00"
    assert found.reasons == ("staging: the year ends; open at 2026-03-02 14:00:00Z",)


def test_a_gate_that_does_not_hold_is_not_ready_unless_it_only_informs():
    gate = GateRuling(environment="production", gate="tests", met=False, reason="missing")

    found = told(FREE, gates=(gate,))

    assert (found.code, found.reasons) == (ExitCode.NOT_READY, ("production: tests: missing",))
    advisory = gate.model_copy(update={"advisory": True})
    assert told(FREE, gates=(advisory,)).code == ExitCode.OK


def test_who_must_approve_is_named():
    admission = admit(an_order(catalog=a_catalog(gated=True)), Facts(at=NOON, foreseen=True))

    found = told(admission, slot=None)

    assert (found.code, found.reasons) == (ExitCode.AWAITING_APPROVAL, ("production: sre x 1",))
