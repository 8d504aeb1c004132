"""What is promised of outcomes, on SQLite, on PostgreSQL, and of the fake."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.ledger import open_ledger
from activities.outcomes import OutcomesActivities
from tests.fakes.outcomes import FakeOutcomes
from tests.workflows.domain.risk.worlds import TUESDAY_NOON, factors, hot
from workflows.domain.admission.change import ChangeClass
from workflows.domain.errors import Diverged, PolicyViolated, TargetMissing
from workflows.domain.release.outcomes import Brought, Closing, EndedRelease, Profile
from workflows.domain.release.phase import Phase
from workflows.domain.risk.facts import Shipped, Tally, TroubledFile
from workflows.domain.risk.score import RiskLevel
from workflows.domain.spec import RiskModelSpec
from workflows.domain.values import digest_of
from workflows.ports.outcomes import (
    CloseRetrospective,
    ListRetrospectives,
    ReadOutcomes,
    ReadStanding,
    RecordOutcome,
)

DAY = timedelta(days=1)
MODEL = RiskModelSpec()
BROUGHT = (Brought(service="ledger", head="b" * 40, paths=("ledger/posting.py",)),)
PATTERN, OTHER = digest_of("one pattern"), digest_of("another")


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def port(request, tmp_path):
    if request.param == "fake":
        yield FakeOutcomes()
        return
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url = f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"
    ledger = open_ledger(url)
    yield OutcomesActivities(ledger)
    ledger.dispose()


def ended(
    number,
    *,
    phase=Phase.HEALTHY,
    touched=True,
    pattern=PATTERN,
    low=True,
    change_class=ChangeClass.NORMAL,
    within=None,
    day=None,
    brought=BROUGHT,
    known=None,
):
    profile = Profile(
        pattern=pattern,
        pattern_sentence="ledger:code by production:canary",
        change_class=change_class,
        score=4,
        level=RiskLevel.LOW,
        low=low,
        model=digest_of("model"),
        factors=known or factors(),
        brought=brought,
        retrospective_within=within,
    )
    return EndedRelease(
        release=f"release/shop/{number}",
        run=f"run-{number}",
        requested_by="carl",
        ended_at=TUESDAY_NOON + (number if day is None else day) * DAY,
        phase=phase,
        touched=touched,
        profile=profile,
    )


def file(port, *ends):
    for one in ends:
        port.record_outcome(RecordOutcome(ended=one))


def standing(port, *, day=30, services=("ledger",), pattern=PATTERN):
    at = TUESDAY_NOON + day * DAY
    return port.read_standing(ReadStanding(pattern=pattern, services=services, model=MODEL, at=at))


def close(port, number, *, by="ana", finding="the pool was too small", day=20):
    closing = Closing(
        release=f"release/shop/{number}", by=by, finding=finding, at=TUESDAY_NOON + day * DAY
    )
    return port.close_retrospective(CloseRetrospective(closing=closing))


def test_a_pattern_that_nobody_knows_has_nothing_behind_it(port):
    found = standing(port)

    assert (found.clean_runs, found.failed_release, found.tally) == (0, None, ())


def test_clean_runs_of_the_pattern_are_counted_and_only_those(port):
    file(
        port,
        ended(1),
        ended(2),
        ended(3, pattern=OTHER),
        ended(4, low=False),
        ended(5, change_class=ChangeClass.EMERGENCY),
        ended(6, phase=Phase.DENIED, touched=False),
    )

    assert standing(port).clean_runs == 2
    assert standing(port, pattern=OTHER).clean_runs == 1


def test_an_end_that_is_filed_twice_counts_once(port):
    """A worker that dies after filing is asked again."""
    file(port, ended(1), ended(1), ended(1, phase=Phase.ROLLED_BACK))

    assert standing(port).clean_runs == 1


def test_a_failure_takes_the_standing_and_names_itself(port):
    file(port, ended(1), ended(2), ended(3, phase=Phase.ROLLED_BACK), ended(4))

    found = standing(port)

    assert (found.clean_runs, found.failed_release) == (0, "release/shop/3")


def test_the_failure_of_another_pattern_costs_nothing(port):
    file(port, ended(1), ended(2), ended(3, phase=Phase.ROLLED_BACK, pattern=OTHER))

    assert (standing(port).clean_runs, standing(port).failed_release) == (2, None)
    assert standing(port, pattern=OTHER).failed_release == "release/shop/3"


def test_only_its_retrospective_lets_the_pattern_begin_anew(port):
    file(port, ended(1), ended(3, phase=Phase.ROLLED_BACK), ended(4))
    close(port, 3, day=10)

    assert standing(port).clean_runs == 0
    assert standing(port).failed_release is None

    file(port, ended(12), ended(13))

    assert standing(port).clean_runs == 2


def test_old_runs_wear_off(port):
    file(port, ended(1), ended(2))

    assert standing(port, day=181).clean_runs == 2
    assert standing(port, day=182).clean_runs == 1


def test_an_emergency_owes_a_retrospective_by_its_deadline(port):
    filed = port.record_outcome(RecordOutcome(ended=ended(1, within=3 * DAY)))

    assert str(filed) == "kept; a retrospective is open, due 2026-11-14 12:00Z"
    (owed,) = standing(port).owed
    assert (owed.release, owed.services) == ("release/shop/1", ("ledger",))
    assert owed.overdue(TUESDAY_NOON + 4 * DAY)
    assert not owed.overdue(TUESDAY_NOON + 4 * DAY - timedelta(seconds=1))


def test_an_emergency_that_touched_nothing_owes_nothing(port):
    file(port, ended(1, phase=Phase.DENIED, touched=False, within=3 * DAY))

    assert standing(port).owed == ()


def test_it_is_owed_by_each_of_its_services_and_by_no_other(port):
    both = (Brought(service="ledger"), Brought(service="cards"))
    file(port, ended(1, within=3 * DAY, brought=both))

    assert standing(port, services=("cards",)).owed[0].services == ("cards",)
    assert standing(port, services=("web",)).owed == ()
    (open_one,) = port.list_retrospectives(ListRetrospectives()).owed
    assert set(open_one.services) == {"ledger", "cards"}


def test_what_is_due_first_is_listed_first_and_what_has_no_deadline_last(port):
    file(
        port,
        ended(1, phase=Phase.ROLLED_BACK),
        ended(2, within=9 * DAY),
        ended(3, within=1 * DAY),
    )

    listed = port.list_retrospectives(ListRetrospectives()).owed

    assert [one.release[-1] for one in listed] == ["3", "2", "1"]


def test_somebody_else_closes_it_and_says_what_was_found(port):
    file(port, ended(1, within=3 * DAY))

    closed = close(port, 1)

    assert (closed.closed_by, closed.finding) == ("ana", "the pool was too small")
    assert standing(port).owed == ()
    assert port.list_retrospectives(ListRetrospectives()).owed == ()


def test_closing_it_again_changes_nothing_and_otherwise_is_refused(port):
    file(port, ended(1, within=3 * DAY))
    close(port, 1)

    assert close(port, 1).closed_by == "ana"
    with pytest.raises(Diverged, match="ana closed the retrospective of release/shop/1"):
        close(port, 1, by="ben", finding="nothing was wrong")


def test_who_asked_for_the_release_does_not_look_into_it(port):
    file(port, ended(1, within=3 * DAY))

    with pytest.raises(PolicyViolated, match=r"[Cc]arl asked for release/shop/1"):
        close(port, 1, by="Carl")
    assert len(standing(port).owed) == 1


def test_what_owes_nothing_cannot_be_closed(port):
    file(port, ended(1))

    with pytest.raises(TargetMissing, match="nothing is owed for release/shop/1"):
        close(port, 1)


def test_files_of_failed_releases_are_remembered_for_90_days(port):
    failed = {"phase": Phase.ROLLED_BACK}
    file(port, ended(1, **failed), ended(2, **failed), ended(3))

    posting = TroubledFile(service="ledger", path="ledger/posting.py", incidents=2)
    assert standing(port).troubled == (posting,)
    assert standing(port, day=91).troubled[0].incidents == 1
    assert standing(port, day=93).troubled == ()
    assert standing(port, services=("cards",)).troubled == ()


def test_what_was_shipped_is_the_newest_that_stayed(port):
    def bringing(head):
        return (Brought(service="ledger", head=head),)

    file(
        port,
        ended(1, brought=bringing("a" * 40)),
        ended(2, brought=bringing("b" * 40)),
        ended(3, brought=bringing("c" * 40), phase=Phase.ROLLED_BACK),
    )

    assert standing(port).shipped == (Shipped(service="ledger", head="b" * 40),)


def test_a_release_that_told_no_commit_hides_what_was_shipped_before(port):
    """What runs is then of unknown source."""
    file(port, ended(1), ended(2, brought=(Brought(service="ledger"),)))

    assert standing(port).shipped == ()


def test_outcomes_are_scored_anew_by_whatever_model_asks(port):
    hot_one = factors(churn=(hot(incidents=2),))
    file(
        port,
        ended(1),
        ended(2, phase=Phase.ROLLED_BACK, known=hot_one),
        ended(3, phase=Phase.DENIED, touched=False),
    )
    other = RiskModelSpec.model_validate({"base": 30})

    told = port.read_outcomes(ReadOutcomes(model=MODEL))

    assert told.tally == (Tally(score=4, kept=1, failed=0), Tally(score=10, kept=0, failed=1))
    assert told.since == TUESDAY_NOON + DAY
    assert [t.score for t in port.read_outcomes(ReadOutcomes(model=other)).tally] == [24, 30]


def test_so_many_outcomes_are_read_the_newest_of_them(port):
    file(port, *(ended(n) for n in range(5)), ended(9, phase=Phase.ROLLED_BACK))

    (told,) = port.read_outcomes(ReadOutcomes(model=MODEL, limit=2)).tally

    assert (told.kept, told.failed) == (1, 1)


ENDS = st.lists(
    st.tuples(
        st.sampled_from([Phase.HEALTHY, Phase.HEALTHY, Phase.ROLLED_BACK, Phase.DENIED]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENDS)
def test_the_ledger_believes_what_the_state_machine_believes(tmp_path_factory, ends):
    """However releases end and retrospectives close: the ledger reads but the last failure on."""
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'l.db'}")
    ports = (FakeOutcomes(), OutcomesActivities(ledger))
    for number, (phase, low, closed) in enumerate(ends):
        for port in ports:
            file(port, ended(2 * number, phase=phase, low=low))
            if closed and phase is Phase.ROLLED_BACK:
                close(port, 2 * number, day=2 * number + 1)

    fake, real = (standing(port) for port in ports)

    ledger.dispose()
    assert real == fake
