from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.gates.escalation import (
    REMINDERS,
    EscalationLevel,
    EscalationRule,
    EscalationView,
    NoticeKind,
    escalation_rule,
    next_escalation,
    notices,
    unreachable,
)
from workflows.domain.spec.escalation import EscalateTo
from workflows.domain.spec.policy import PersonSpec

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = {
    "ana": PersonSpec(roles=("sre-lead",)),
    "ben": PersonSpec(roles=("sre-lead", "director")),
}

spans = st.integers(min_value=1, max_value=400).map(lambda minutes: timedelta(minutes=minutes))
rules = st.builds(
    EscalationRule,
    levels=st.lists(
        st.builds(EscalationLevel, to=st.sampled_from("abcdef"), after=spans), max_size=5
    ).map(tuple),
    remind_every=st.none() | spans,
)


def told(rule, owner="sre"):
    return list(notices(rule, owner=owner, began_at=NOON))


def test_a_wait_goes_from_its_owner_to_one_level_after_the_other():
    rule = escalation_rule(
        (EscalateTo(role="sre-lead", after=HOUR), EscalateTo(person="ben", after=2 * HOUR)), PEOPLE
    )

    found = [(n.at - NOON, n.kind, n.to) for n in told(rule)]

    assert found == [
        (HOUR, "escalated", "sre-lead (ana, ben)"),
        (3 * HOUR, "escalated", "ben"),
    ]


def test_whoever_has_the_wait_is_reminded_and_not_those_before():
    rule = escalation_rule((EscalateTo(person="ben", after=3 * HOUR),), PEOPLE, remind_every=HOUR)

    found = [(n.at - NOON, n.kind, n.to) for n in told(rule)][:4]

    assert found == [
        (HOUR, "reminded", "sre"),
        (2 * HOUR, "reminded", "sre"),
        (3 * HOUR, "escalated", "ben"),
        (4 * HOUR, "reminded", "ben"),
    ]


def test_nobody_is_told_of_a_wait_without_levels_or_reminders():
    assert told(EscalationRule()) == []


@given(rules)
def test_notices_come_in_order_each_level_once_and_never_without_end(rule):
    found = told(rule)
    raised = [n for n in found if n.kind is NoticeKind.ESCALATED]

    assert [n.at for n in found] == sorted(n.at for n in found)
    assert [n.level for n in raised] == list(range(1, len(rule.levels) + 1))
    assert [n.to for n in raised] == [str(level) for level in rule.levels]
    assert len(found) <= len(rule.levels) + REMINDERS
    assert all(n.at > NOON for n in found)


@given(rules)
def test_each_level_is_asked_after_all_the_spans_before_it(rule):
    raised = [n.at for n in told(rule) if n.kind is NoticeKind.ESCALATED]
    spans_so_far = [level.after for level in rule.levels]

    assert raised == [NOON + sum(spans_so_far[: at + 1], timedelta()) for at in range(len(raised))]


@given(rules)
def test_a_reminder_goes_to_whoever_was_asked_last(rule):
    holder = "sre"
    for notice in told(rule):
        if notice.kind is NoticeKind.ESCALATED:
            holder = notice.to
        assert notice.to == holder


def test_the_view_names_who_has_the_wait_and_whom_it_goes_to_next():
    rule = escalation_rule(
        (EscalateTo(role="sre-lead", after=HOUR), EscalateTo(person="ben", after=HOUR)), PEOPLE
    )
    first = next_escalation(rule, owner="sre", began_at=NOON, level=0)
    second = next_escalation(rule, owner="sre", began_at=NOON, level=1)

    view = EscalationView(owner="sre").after(first, second)

    assert (view.owner, view.escalates_to, view.escalates_at) == (
        "sre-lead (ana, ben)",
        "ben",
        NOON + 2 * HOUR,
    )
    assert view.told == (first,)
    assert next_escalation(rule, owner="sre", began_at=NOON, level=2) is None


def test_levels_that_reach_nobody_are_named():
    levels = (
        EscalateTo(role="sre-lead", after=HOUR),
        EscalateTo(role="nobody", after=HOUR),
        EscalateTo(person="zoe", after=HOUR),
    )

    assert list(unreachable(levels, PEOPLE)) == [(1, "role", "nobody"), (2, "person", "zoe")]
