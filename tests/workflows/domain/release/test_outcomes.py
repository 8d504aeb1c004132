from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.workflows.domain.risk.worlds import TUESDAY_NOON, a_source, documents, facts
from workflows.domain.admission.assessment import assess
from workflows.domain.admission.facts import Facts
from workflows.domain.release.outcomes import (
    Brought,
    Closing,
    EndedRelease,
    overdue_since,
    profile_of,
)
from workflows.domain.release.phase import Phase
from workflows.domain.risk.earned import Ending
from workflows.domain.risk.facts import ChangeFacts, Retrospective

DAY = timedelta(days=1)
EMERGENCY = {"class": "emergency", "incident": "INC-7"}


def profiled(*, claim=None, within=None, read=None):
    release, catalog = documents(release=claim or {})
    read = read or facts()
    return profile_of(assess(release, catalog, read), read, retrospective_within=within)


def ended(phase, *, touched=True, **more):
    return EndedRelease(
        release="release/shop/1",
        run="r1",
        requested_by="carl",
        ended_at=TUESDAY_NOON,
        phase=phase,
        touched=touched,
        profile=profiled(**more),
    )


def test_a_profile_holds_what_the_release_brings_and_how_it_was_scored():
    found = profiled()

    assert found.brought == (
        Brought(service="ledger", head="b" * 40, paths=("ledger/posting.py",)),
    )
    assert found.score == 4
    assert found.low
    assert found.retrospective_within is None


def test_a_service_of_which_no_commit_is_known_is_brought_all_the_same():
    found = profiled(read=facts(change=ChangeFacts()))

    assert found.brought == (Brought(service="ledger"),)
    assert not found.low


def test_what_is_not_wholly_known_earns_nothing_however_low():
    """Weights may be so light that even the worst is low."""
    release, catalog = documents(catalog={"riskModels": {}})
    light = catalog.risk_model.model_copy(
        update={"levels": catalog.risk_model.levels.model_copy(update={"medium": 99})}
    )
    catalog = catalog.model_copy(update={"risk_models": {"light": light}})
    read = Facts(at=TUESDAY_NOON, change=ChangeFacts(sources=(a_source(),)))

    found = profile_of(assess(release, catalog, read), read)

    assert (found.level, found.low) == ("low", False)


@pytest.mark.parametrize(
    ("claim", "within", "expected"),
    [
        (None, None, None),
        (None, 5 * DAY, 5 * DAY),
        (EMERGENCY, None, 3 * DAY),
        (EMERGENCY, 1 * DAY, 1 * DAY),
        (EMERGENCY, 9 * DAY, 3 * DAY),
    ],
)
def test_the_earlier_deadline_counts(claim, within, expected):
    assert profiled(claim=claim, within=within).retrospective_within == expected


def test_an_emergency_owes_a_retrospective_whatever_became_of_it():
    for phase in (Phase.HEALTHY, Phase.ROLLED_BACK):
        owed = ended(phase, claim=EMERGENCY).owes
        assert owed.due_at == TUESDAY_NOON + 3 * DAY
        assert owed.services == ("ledger",)


def test_a_failure_owes_one_without_a_deadline():
    owed = ended(Phase.ROLLED_BACK).owes

    assert owed.due_at is None
    assert not owed.overdue(TUESDAY_NOON + 999 * DAY)


@pytest.mark.parametrize(
    ("phase", "touched", "claim"),
    [(Phase.HEALTHY, True, None), (Phase.DENIED, False, EMERGENCY)],
)
def test_what_stayed_and_what_was_never_begun_owe_nothing(phase, touched, claim):
    assert ended(phase, touched=touched, claim=claim).owes is None


def test_an_end_counts_by_its_phase_and_by_whether_anything_was_touched():
    assert ended(Phase.CANCELLED).ending is Ending.FAILED
    assert ended(Phase.CANCELLED, touched=False).ending is Ending.UNTRIED


def test_a_finding_says_something():
    with pytest.raises(ValidationError, match="at least 10 characters"):
        Closing(release="release/x", by="ana", finding="ok", at=TUESDAY_NOON)


def test_a_closing_is_told_to_the_audit_record():
    entry = Closing(
        release="release/x", by="ana", finding="the pool was too small", at=TUESDAY_NOON
    ).entry

    assert entry.actor == "ana"
    assert entry.sentence == "ana closed the retrospective: the pool was too small"


def test_how_long_a_retrospective_is_overdue():
    owed = Retrospective(
        release="r", services=("ledger",), opened_at=TUESDAY_NOON, due_at=TUESDAY_NOON + DAY
    )

    assert overdue_since(owed, TUESDAY_NOON) is None
    assert overdue_since(owed, TUESDAY_NOON + 3 * DAY) == 2 * DAY
    assert overdue_since(owed.model_copy(update={"due_at": None}), TUESDAY_NOON) is None
