"""What is asked of AWS about a listener, and in which words its answers are told."""

from datetime import timedelta

import pytest

from activities.traffic.alb_listener import AlbListener
from activities.traffic.alb_rules import DIGEST_TAG, actions, conditions
from tests.fakes.elbv2 import LISTENER, FakeElbv2
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.values import arm_name, digest_of

NEW = digest_of("new")


class Clock:
    """Time that passes only while somebody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def balancer():
    return FakeElbv2(looks=3, page=1)


@pytest.fixture
def listener(balancer, clock):
    return AlbListener(
        lambda: balancer,
        LISTENER,
        healthy_within=timedelta(seconds=12),
        clock=clock,
        rest=clock.rest,
    )


def named(listener, balancer, priority=10) -> str:
    """A target group that a rule names."""
    group = balancer.make_group(arm_name("shop", NEW), {DIGEST_TAG: NEW, "team": "shop"})
    listener.create(priority, conditions("shop.test"), actions({group: 100}), [])
    return group


def test_rules_are_found_on_every_page(listener, balancer):
    named(listener, balancer)
    listener.create(20, conditions("other.test"), actions({}), [])

    assert set(listener.rules()) == {"10", "20"}


def test_a_priority_that_was_taken_meanwhile_is_left(listener, balancer):
    named(listener, balancer)

    with pytest.raises(Diverged, match="taken now"):
        listener.create(10, conditions("other.test"), actions({}), [])

    assert len(balancer.rules) == 1


def test_a_target_group_is_the_one_of_the_build_that_its_tag_names(listener, balancer):
    with pytest.raises(TargetMissing, match="which the platform makes"):
        listener.group("shop", NEW)

    group = named(listener, balancer)

    assert listener.group("shop", NEW) == group
    assert listener.tags(group) == {DIGEST_TAG: NEW}


@pytest.mark.parametrize("tags", [{}, {DIGEST_TAG: digest_of("another")}])
def test_a_target_group_of_another_build_is_refused(listener, balancer, tags):
    balancer.make_group(arm_name("shop", NEW), tags)

    with pytest.raises(Refused, match=f"expected tag {DIGEST_TAG}"):
        listener.group("shop", NEW)


def test_a_platform_that_knows_its_target_groups_is_asked_instead_of_names(balancer):
    listener = AlbListener(
        lambda: balancer,
        LISTENER,
        healthy_within=timedelta(0),
        groups=lambda service: {NEW: f"arn:of-{service}"},
    )

    assert listener.group("shop", NEW) == "arn:of-shop"
    with pytest.raises(TargetMissing, match="the platform has one for sha256"):
        listener.group("shop", digest_of("old"))


def test_targets_are_waited_for_until_one_is_healthy(listener, balancer, clock):
    listener.until_healthy("shop", {NEW: named(listener, balancer)})

    assert clock.now == 6


def test_targets_that_do_not_become_healthy_are_told_by_what_they_are(listener, balancer):
    group = named(listener, balancer)
    balancer.looks[group] = None

    with pytest.raises(Unavailable, match="its targets are initial"):
        listener.until_healthy("shop", {NEW: group})


def test_a_rule_that_somebody_removed_is_missing(listener):
    gone = {"RuleArn": "arn:rule/9", "Priority": "9"}

    with pytest.raises(TargetMissing, match="arn:rule/9"):
        listener.delete(gone)
