from datetime import timedelta

import pytest

from tests.workflows.domain.calendar.calendars import HOUR, NOON, hour
from workflows.domain.calendar.override import Override, OverrideRefused, check_override, weigh
from workflows.domain.calendar.windows import OverrideRule

RULE = OverrideRule(roles=("sre",))
PEOPLE = {"ana": ("sre",), "ben": ("sre", "product"), "eve": ("product",)}


def said(by="ana", *, reason="the fix of the outage", lasts=HOUR, window="audit"):
    return Override(by=by, window=window, reason=reason, lasts=lasts)


def check(word, rule=RULE):
    check_override(rule, word, people=PEOPLE, requested_by="carl")


def test_who_may_is_counted():
    check(said())
    check(said("eve"), OverrideRule())


@pytest.mark.parametrize(
    ("word", "rule", "why"),
    [
        (said(), None, "cannot be set aside"),
        (said(reason=" "), RULE, "needs a reason"),
        (said("Carl"), RULE, "asked for this release"),
        (said("mallory"), RULE, "nobody the release's catalog knows"),
        (said("eve"), RULE, "none of the roles sre"),
        (said(lasts=5 * HOUR), RULE, "at most 4h"),
        (said(lasts=timedelta(0)), RULE, "more than nothing"),
    ],
)
def test_what_does_not_count_is_refused_with_the_reason(word, rule, why):
    with pytest.raises(OverrideRefused, match=why):
        check(word, rule)


def test_one_person_is_not_two():
    assert weigh(RULE, [said("ana"), said("ana")], NOON) == (("ana",), None)


def test_two_people_set_a_window_aside_for_as_long_as_the_more_careful_says():
    by, granted = weigh(RULE, [said("ana"), said("ben", lasts=3 * HOUR, reason="as above")], NOON)

    assert by == granted.by == ("ana", "ben")
    assert (granted.granted_at, granted.expires_at) == (NOON, hour(1))
    assert granted.retrospective_by == NOON + timedelta(days=3)
    assert granted.reason == "the fix of the outage; as above"


def test_the_latest_word_of_each_counts():
    _, granted = weigh(RULE, [said("ana", lasts=3 * HOUR), said("ben"), said("ana")], NOON)

    assert granted.expires_at == hour(1)
