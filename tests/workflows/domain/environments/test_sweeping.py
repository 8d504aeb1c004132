"""What the clock may do to an environment, and how a reclaimed one ends."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.environments import an_environment_view
from workflows.domain.environments.census import Census, Resource, Tag
from workflows.domain.environments.order import TeardownRule
from workflows.domain.environments.sweeping import (
    MOST_NAMED,
    Named,
    is_overdue,
    keeper,
    keeper_by_tags,
    reclaim_order,
)
from workflows.domain.environments.view import EnvironmentPhase, Hold
from workflows.domain.values import Provider

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREVIEW = Provider(type="cloudformation", connection="preview")
GOING = {
    EnvironmentPhase.TEARING_DOWN,
    EnvironmentPhase.TEARDOWN_INCOMPLETE,
    EnvironmentPhase.REMOVED,
    EnvironmentPhase.FAILED,
}


@pytest.mark.parametrize(
    ("over", "overdue"),
    [(HOUR - timedelta(seconds=1), False), (HOUR, True), (timedelta(days=9), True)],
)
def test_it_has_its_own_time_to_end_by_itself(over, overdue):
    view = an_environment_view(expires_at=NOON - over)

    assert is_overdue(view, NOON, after=HOUR) is overdue


def test_what_has_no_end_is_never_overdue():
    assert not is_overdue(an_environment_view(), NOON, after=HOUR)


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_what_is_going_or_gone_is_not_overdue(phase):
    view = an_environment_view(phase=phase, expires_at=NOON - 2 * HOUR)

    assert is_overdue(view, NOON, after=HOUR) is (phase not in GOING)


def test_a_hold_is_named_before_a_protection():
    hold = Hold(by="ben", reason="audit", since=NOON)

    assert keeper(an_environment_view()) is None
    assert keeper(an_environment_view(protected=True)) == "it is protected"
    assert keeper(an_environment_view(protected=True, hold=hold)) == "held by ben: audit"


def test_a_tag_on_any_part_keeps_all_of_it():
    assert keeper_by_tags([{Tag.OWNER: "ana"}, {}]) is None
    assert keeper_by_tags([{}, {Tag.HOLD: "ben: audit"}]) == ("a hold is tagged on it: ben: audit")
    assert "only a person" in (keeper_by_tags([{Tag.PROTECTED: "true"}, {}]) or "")


def counted(*rules):
    tags = [{} if rule is None else {Tag.TEARDOWN: rule.tag} for rule in rules]
    resources = [Resource(id=str(at), type="", tags=each) for at, each in enumerate(tags)]
    return Census(environment="pr-7", at=NOON, resources=tuple(resources))


def reclaimed(*rules, otherwise=TeardownRule()):  # noqa: B008 - a frozen value
    order = reclaim_order(counted(*rules), PREVIEW, {Tag.OWNER: "ana"}, otherwise=otherwise)
    assert (order.name, order.provider, order.tags) == ("pr-7", PREVIEW, {Tag.OWNER: "ana"})
    return order.teardown


def test_it_ends_as_its_tags_say():
    rule = TeardownRule(snapshot_all=True, empty_buckets=False, lift_protection=False)

    assert reclaimed(None, rule) == rule


def test_what_says_nothing_ends_as_the_sweep_was_told():
    rule = TeardownRule(snapshot_all=True)

    assert reclaimed(None, otherwise=rule) == rule


def test_of_several_rules_what_loses_least_is_done():
    keeps = TeardownRule(empty_buckets=False, snapshot_all=False)
    snaps = TeardownRule(snapshot_all=True, lift_protection=False)

    assert reclaimed(keeps, snaps) == TeardownRule(
        empty_buckets=False, snapshot_all=True, lift_protection=False
    )


def test_the_first_are_named_and_all_are_counted():
    named = Named()
    for number in range(MOST_NAMED + 2):
        named = named.plus(f"n{number:04}")

    assert (named.count, len(named.names)) == (MOST_NAMED + 2, MOST_NAMED)
    assert str(named).endswith(", and 2 more")


def test_one_that_is_found_twice_is_one():
    named = Named().plus("a", "why").plus("a", "other")

    assert (named.count, str(named)) == (1, "a (why)")
