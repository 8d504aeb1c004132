from tests.workflows.domain.calendar.calendars import AHEAD, HERE, a_freeze, hour
from workflows.domain.calendar.scope import Scope
from workflows.domain.calendar.windows import FeedReading, Granted, InFlight, Move, OverrideRule


def test_there_is_no_word_by_which_the_way_back_could_be_barred():
    assert set(Move) == {"start", "advance", "approve"}


def test_a_freeze_is_a_window_that_two_people_may_set_aside():
    rule = a_freeze(0, 5).rule(AHEAD.end_at)

    assert rule.concerns(HERE)
    assert rule.in_flight is InFlight.HOLD
    assert rule.override == OverrideRule(approvers=2)
    assert rule.who_clears == (
        "ana: lockgate freeze lift incident-7",
        "lockgate override, by 2",
    )


def test_a_freeze_without_an_end_is_on_for_as_far_as_is_looked():
    rule = a_freeze(0, None).rule(AHEAD.end_at)

    assert rule.endless
    assert rule.spans[0].end_at == AHEAD.end_at


def test_a_freeze_that_was_lifted_is_no_window():
    assert a_freeze(0, None, lifted_at=hour(1), lifted_by="ben").rule(AHEAD.end_at) is None


def test_a_freeze_is_about_its_scope():
    rule = a_freeze(0, 5, scope=Scope(regions=("us-east",))).rule(AHEAD.end_at)

    assert not rule.concerns(HERE)


def test_a_feed_without_a_text_is_not_usable():
    assert not FeedReading(connection="vendor", problem="no answer").usable


def test_an_override_tells_who_and_until_when():
    granted = Granted(
        window="audit",
        by=("ana", "ben"),
        reason="a fix for the outage",
        granted_at=hour(0),
        expires_at=hour(4),
        retrospective_by=hour(72),
    )

    assert str(granted) == (
        "audit is set aside by ana and ben until 2026-11-23 16:00Z: a fix for the outage"
    )


def test_who_may_set_a_window_aside_is_told_with_the_role():
    assert str(OverrideRule(approvers=3, roles=("sre", "product"))) == (
        "lockgate override, by 3 of role sre or product"
    )
