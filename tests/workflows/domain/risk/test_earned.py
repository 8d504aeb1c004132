from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workflows.domain.release.phase import Phase
from workflows.domain.risk.earned import (
    Closing,
    Ending,
    Run,
    Trust,
    after,
    ending_of,
    trust_in,
)
from workflows.domain.spec.risk import EarnedSpec

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = EarnedSpec(clean_runs=3, within=timedelta(days=30))


def run(day, ending=Ending.KEPT, *, low=True, emergency=False):
    return Run(
        release=f"release-{day}", at=START + day * DAY, ending=ending, low=low, emergency=emergency
    )


def closing(day, release):
    return Closing(release=f"release-{release}", at=START + day * DAY)


def earned(*events, day):
    return trust_in(events).earned(START + day * DAY, RULE)


def test_so_many_clean_runs_earn_it_and_one_fewer_do_not():
    assert not earned(run(1), run(2), day=3)
    assert earned(run(1), run(2), run(3), day=3)


@pytest.mark.parametrize(
    "other",
    [run(2, low=False), run(2, emergency=True), run(2, Ending.UNTRIED)],
    ids=["not low", "an emergency", "untried"],
)
def test_a_run_that_proves_nothing_neither_counts_nor_costs(other):
    assert not earned(run(1), other, run(3), day=4)
    assert earned(run(1), other, run(3), run(4), day=4)


def test_one_failure_loses_it_whatever_it_was():
    three = (run(1), run(2), run(3))

    assert not earned(*three, run(4, Ending.FAILED), day=5)
    assert not earned(*three, run(4, Ending.FAILED, low=False, emergency=True), day=5)


def test_clean_runs_alone_never_bring_it_back():
    later = [run(day) for day in range(5, 25)]

    assert not earned(run(4, Ending.FAILED), *later, day=25)


def test_after_the_retrospective_it_is_earned_anew_from_nothing():
    before = (run(1), run(2), run(3, Ending.FAILED), run(4), run(5), closing(6, 3))

    assert not earned(*before, run(7), run(8), day=9)
    assert earned(*before, run(7), run(8), run(9), day=9)


def test_the_retrospective_of_another_release_clears_nothing():
    assert trust_in([run(1, Ending.FAILED), closing(2, 7)]).failed == "release-1"


def test_a_second_failure_needs_a_look_of_its_own():
    events = [run(1, Ending.FAILED), run(2, Ending.FAILED), closing(3, 1)]

    assert trust_in(events).failed == "release-2"


def test_trust_that_is_not_used_wears_off():
    three = (run(1), run(2), run(3))

    assert earned(*three, day=31)
    assert not earned(*three, day=32)


@pytest.mark.parametrize(
    ("phase", "touched", "expected"),
    [
        (Phase.HEALTHY, True, Ending.KEPT),
        (Phase.ROLLED_BACK, True, Ending.FAILED),
        (Phase.ROLLBACK_INCOMPLETE, True, Ending.FAILED),
        (Phase.CANCELLED, True, Ending.FAILED),
        (Phase.CANCELLED, False, Ending.UNTRIED),
        (Phase.DENIED, False, Ending.UNTRIED),
        (Phase.DENIED, True, Ending.UNTRIED),
    ],
)
def test_how_an_end_counts(phase, touched, expected):
    assert ending_of(phase, touched=touched) is expected


ENDINGS = st.sampled_from(Ending)
EVENTS = st.lists(
    st.one_of(
        st.builds(run, st.integers(0, 9), ENDINGS, low=st.booleans(), emergency=st.booleans()),
        st.builds(closing, st.integers(0, 9), st.integers(0, 9)),
    )
)


@given(EVENTS, EVENTS)
def test_what_came_before_a_failure_no_longer_matters(before, later):
    """So the ledger need not be read further back than to the last failure."""
    failure = run(5, Ending.FAILED)

    assert trust_in([*before, failure, *later]) == trust_in([failure, *later])


class Pattern(RuleBasedStateMachine):
    """The pattern as it lives, beside the plainest bookkeeping of what may be believed of it."""

    def __init__(self):
        super().__init__()
        self.trust = Trust()
        self.day = 0
        self.open_failure = None
        self.since_looked_into = []

    def happen(self, event):
        self.trust = after(self.trust, event)

    @rule(low=st.booleans(), emergency=st.booleans(), ending=ENDINGS)
    def a_release_ends(self, low, emergency, ending):
        self.day += 1
        self.happen(run(self.day, ending, low=low, emergency=emergency))
        if ending is Ending.FAILED:
            self.open_failure, self.since_looked_into = self.day, []
        elif self.open_failure is None and ending is Ending.KEPT and low and not emergency:
            self.since_looked_into.append(self.day)

    @rule()
    def a_clean_run(self):
        self.a_release_ends(low=True, emergency=False, ending=Ending.KEPT)

    @rule(other=st.integers(0, 60))
    def somebody_closes_a_retrospective(self, other):
        self.day += 1
        self.happen(closing(self.day, other))
        if self.open_failure == other:
            self.open_failure, self.since_looked_into = None, []

    @rule()
    def the_last_failure_is_looked_into(self):
        if self.open_failure is not None:
            self.somebody_closes_a_retrospective(self.open_failure)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days):
        self.day += days

    @invariant()
    def no_path_leads_from_a_failure_to_automatic_approval(self):
        """Only through a person, and then through as many clean runs as at the first time."""
        fresh = [day for day in self.since_looked_into if day >= self.day - RULE.within.days]
        may = self.open_failure is None and len(fresh) >= RULE.clean_runs
        assert self.trust.earned(START + self.day * DAY, RULE) == may


Pattern.TestCase.settings = hypothesis_settings(max_examples=150, stateful_step_count=40)
TestPattern = Pattern.TestCase
