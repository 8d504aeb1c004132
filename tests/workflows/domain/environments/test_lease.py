from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.environments import PER_HOUR, an_environment_plan
from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.commands import Extend, ExtensionRefused
from workflows.domain.environments.cost import over
from workflows.domain.environments.lease import (
    extended,
    is_ending,
    is_over,
    lives,
    pause_after,
    wakes_at,
    warnings_due,
)
from workflows.domain.environments.order import LeaseRule, TeardownRule
from workflows.domain.environments.view import EnvironmentPhase, Extension, Hold, Warned

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN = an_environment_plan()
END = NOON + 3 * DAY
HELD = Hold(by="ben", reason="litigation", since=NOON)


def an_extension(at, span=DAY):
    return Extension(by="ana", span=span, reason="", at=at)


def test_it_wakes_for_each_warning_and_for_its_end():
    view = a_view()

    first = wakes_at(PLAN.lease, view, NOON)
    second = wakes_at(PLAN.lease, warned(view, DAY), NOON)
    end = wakes_at(PLAN.lease, warned(view, DAY, HOUR), NOON)

    assert (first, second, end) == (END - DAY, END - HOUR, END)
    assert wakes_at(PLAN.lease, view, END) is None


def warned(view, *befores):
    return view.model_copy(update={"warned": tuple(Warned(before=b, at=NOON) for b in befores)})


def test_warnings_that_fall_due_together_are_told_with_the_most_urgent_first():
    assert warnings_due(PLAN.lease, a_view(), END - DAY) == (DAY,)
    assert warnings_due(PLAN.lease, a_view(), END - HOUR) == (HOUR, DAY)
    assert warnings_due(PLAN.lease, warned(a_view(), DAY), END - HOUR) == (HOUR,)


def test_nobody_is_warned_of_an_end_that_was_just_decided():
    """A lead time longer than what is left is no news to whoever has just extended it."""
    short = LeaseRule(ttl=12 * HOUR, longest=DAY, warn_before=(DAY, HOUR))
    view = a_view(expires_at=NOON + 12 * HOUR)

    assert warnings_due(short, view, NOON) == ()
    assert wakes_at(short, view, NOON) == NOON + 11 * HOUR


@pytest.mark.parametrize("kept", [{"hold": HELD}, {"protected": True}])
def test_nobody_is_warned_of_an_end_that_waits_for_a_person(kept):
    view = a_view(**kept)

    assert warnings_due(PLAN.lease, view, END - HOUR) == ()
    assert wakes_at(PLAN.lease, view, NOON) == END


def test_an_extension_without_a_span_is_as_long_as_may_be():
    assert extended(PLAN, priced(), Extend(by="ana"), now=NOON) == END + 2 * DAY
    assert extended(PLAN, priced(), Extend(by="ana", span=HOUR), now=NOON) == END + HOUR


def priced(**changes):
    return a_view(**{"per_hour": PER_HOUR, **changes})


def test_what_is_over_and_held_lives_on_from_now():
    view = priced(hold=HELD, phase=EnvironmentPhase.HELD)

    assert extended(PLAN, view, Extend(by="ana"), now=END + DAY) == END + 3 * DAY


@pytest.mark.parametrize(
    ("view", "span", "why"),
    [
        (priced(phase=EnvironmentPhase.TEARING_DOWN), HOUR, "is TearingDown"),
        (priced(extensions=(an_extension(NOON),) * 2), HOUR, "extended 2 times, and may be 2"),
        (priced(), 3 * DAY, "at most 2d at a time, not by 3d"),
        (priced(), timedelta(0), "not by 0s"),
        (priced(), -HOUR, "not by -1 day"),
        (
            priced(expires_at=NOON + 13 * DAY),
            2 * DAY,
            r"14d old, until 2026-12-10 12:00Z: it can be extended by 1d, not by 2d",
        ),
        (
            a_view(unpriced=("AWS::SNS::Topic",)),
            HOUR,
            "budget of 50 EUR: .* no price for AWS::SNS::Topic; give the missing prices",
        ),
        (priced(per_hour=Decimal(1)), HOUR, "would cost 73.00 EUR .* budget is 50 EUR"),
    ],
)
def test_an_extension_that_is_refused_says_what_stands_against_it(view, span, why):
    with pytest.raises(ExtensionRefused, match=why):
        extended(PLAN, view, Extend(by="ana", span=span), now=NOON)


def test_without_a_budget_an_unknown_price_refuses_nothing():
    plan = an_environment_plan(extension={"times": 1, "by": "1d"})

    assert extended(plan, a_view(unpriced=("AWS::SNS::Topic",)), Extend(by="ana"), now=NOON)


spans = st.timedeltas(timedelta(seconds=1), timedelta(days=40))


@given(
    rule=st.builds(
        lambda ttl, more, **others: LeaseRule(ttl=ttl, longest=ttl + more, **others),
        ttl=spans,
        more=spans,
        extend_by=spans,
        money=st.none() | st.decimals(min_value=0, max_value=100, places=2),
        extensions=st.integers(0, 5),
    ),
    asked=st.lists(st.tuples(st.timedeltas(timedelta(0), DAY), spans), max_size=12),
)
def test_whatever_is_asked_for_it_stays_within_days_times_and_money(rule, asked):
    plan = PLAN.model_copy(update={"lease": rule})
    view, now = priced(expires_at=NOON + rule.ttl), NOON
    for after, span in asked:
        now += after
        try:
            until = extended(plan, view, Extend(by="ana", span=span), now=now)
        except ExtensionRefused:
            continue
        more = an_extension(now, span)
        assert until > view.expires_at
        view = view.model_copy(
            update={"expires_at": until, "extensions": (*view.extensions, more)}
        )

    assert view.expires_at - NOON <= rule.longest
    assert len(view.extensions) <= rule.extensions
    if rule.money is not None and view.extensions:
        assert over(PER_HOUR, view.expires_at - NOON) <= rule.money


@given(
    befores=st.lists(st.timedeltas(timedelta(0), 5 * DAY), max_size=5),
    steps=st.lists(st.timedeltas(timedelta(0), DAY), max_size=12),
)
def test_each_warning_is_given_once_and_none_is_missed(befores, steps):
    rule = LeaseRule(ttl=3 * DAY, longest=9 * DAY, warn_before=tuple(befores))
    view, now, given_ = a_view(), NOON, []
    for step in [*steps, 4 * DAY]:
        now += step
        due = warnings_due(rule, view, now)
        given_ += due
        view = view.model_copy(
            update={"warned": (*view.warned, *(Warned(before=b, at=now) for b in due))}
        )

    assert sorted(given_) == sorted({before for before in befores if before < 3 * DAY})


@given(now=st.datetimes(NOON.replace(tzinfo=None), (END + DAY).replace(tzinfo=None)))
def test_it_sleeps_no_longer_than_to_its_end(now):
    now = now.replace(tzinfo=NOON.tzinfo)

    at = wakes_at(PLAN.lease, a_view(), now)

    assert is_over(a_view(), now) == (at is None)
    assert at is None or at <= END


def test_pauses_grow_up_to_a_limit():
    rule = TeardownRule()

    pauses = [pause_after(rule, attempts) for attempts in (1, 2, 3, 7, 1000)]

    minute = timedelta(minutes=1)
    assert pauses == [minute, 2 * minute, 4 * minute, HOUR, HOUR]


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_it_lives_while_somebody_can_use_it(phase):
    usable = {EnvironmentPhase.READY, EnvironmentPhase.EXPIRING, EnvironmentPhase.HELD}

    assert lives(a_view(phase=phase)) == (phase in usable)


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_it_ends_once_it_is_being_torn_down_or_gone(phase):
    going = {EnvironmentPhase.TEARING_DOWN, EnvironmentPhase.TEARDOWN_INCOMPLETE}

    assert is_ending(a_view(phase=phase)) == (phase.final or phase in going)
