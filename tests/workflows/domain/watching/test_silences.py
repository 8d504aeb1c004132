"""What may be silenced, what never is, and when a masked alert is raised again."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.domain.watching.silences import (
    AlertsSpec,
    ExpectedAlert,
    FiringAlert,
    MaskedAlert,
    Matcher,
    about,
    looked_at,
    masking,
    matchers,
    most_telling,
    raised_again,
    silence_problems,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TARGET = Target(service="checkout", environment="production")
NEW = digest_of("v2")
ARM = arm_name("checkout", NEW)
ALERTS = AlertsSpec(type="alertmanager", connection="production")


def an_expected(**changes):
    written = {
        "alertname": "LatencyHigh",
        "match": [{"label": "tier", "value": "web"}],
        "expected": {"atMost": 0.5, "annotation": "value"},
        "window": "5m",
    }
    return ExpectedAlert.model_validate(written | changes)


def labels(**pairs):
    return [{"label": label, "value": value} for label, value in pairs.items()]


def a_masking(*expected, alerts=ALERTS):
    return masking(expected or (an_expected(),), alerts, target=TARGET, version=NEW)


def firing(**labels):
    known = {
        "alertname": "LatencyHigh",
        "tier": "web",
        "environment": "production",
        "service": "checkout",
        "arm": ARM,
        "severity": "warning",
    }
    kept = {name: value for name, value in (known | labels).items() if value is not None}
    return FiringAlert(fingerprint="ab", labels=kept, starts_at=NOON)


def mutes(labels, alerts=ALERTS):
    found = a_masking(alerts=alerts)
    return all(m.holds(labels) for m in matchers(found.rules[0], found, TARGET))


# What is written


@pytest.mark.parametrize(
    "expected",
    [
        {"atMost": 1},
        {"atMost": 1, "annotation": "value", "query": "up"},
        {"annotation": "value"},
        {"atMost": "nan", "annotation": "value"},
        {"atMost": "inf", "annotation": "value"},
        {"atMost": 1, "annotation": "not a label"},
    ],
)
def test_an_expectation_says_how_large_and_read_from_one_place(expected):
    with pytest.raises(ValidationError):
        an_expected(expected=expected)


def test_a_label_has_one_value():
    with pytest.raises(ValidationError, match="a label twice"):
        an_expected(match=[*labels(tier="web"), *labels(tier="batch")])


@pytest.mark.parametrize("severity", ["page", "critical", "PAGE"])
def test_expecting_an_alert_that_must_page_is_refused(severity):
    (problem,) = silence_problems(
        [an_expected(match=labels(severity=severity))], ALERTS, where="services.checkout"
    )

    assert problem.startswith("services.checkout.expectedAlerts.LatencyHigh.match: severity=")
    assert "never silenced" in problem


def test_which_severities_page_is_the_environment_s_to_say():
    alerts = ALERTS.model_copy(update={"paging": ("sev1",)})

    assert silence_problems([an_expected(match=labels(severity="page"))], alerts, where="x") == []
    assert silence_problems([an_expected(match=labels(severity="sev1"))], alerts, where="x")
    with pytest.raises(ValidationError):
        AlertsSpec(type="alertmanager", connection="production", paging=())


@pytest.mark.parametrize("label", ["environment", "service", "arm", "unmasked_by", "alertname"])
def test_what_lockgate_sets_cannot_be_set_otherwise(label):
    (problem,) = silence_problems([an_expected(match=labels(**{label: "x"}))], ALERTS, where="x")

    assert f"{label!r} is set by Lockgate" in problem


def test_an_alert_is_expected_once():
    other = an_expected(match=labels(tier="batch"))
    problems = silence_problems([an_expected(), other, an_expected()], ALERTS, where="x")

    assert problems == ["x.expectedAlerts.LatencyHigh: expected twice, with the same match"]


def test_what_is_in_order_has_no_problem():
    assert silence_problems([an_expected()], ALERTS, where="x") == []


def test_there_is_nothing_to_mask_without_alerts_or_a_place_for_them():
    assert masking((an_expected(),), None, target=TARGET, version=NEW) is None
    assert masking((), ALERTS, target=TARGET, version=NEW) is None


def test_a_query_is_about_the_version_that_is_shifted():
    query = 'ratio{e="$environment",s="$service",a="$arm",x=~"y$"} $other'
    (rule,) = a_masking(an_expected(expected={"atMost": 1, "query": query})).rules

    assert rule.query == f'ratio{{e="production",s="checkout",a="{ARM}",x=~"y$"}} $other'


def test_the_provider_is_the_environment_s():
    assert a_masking().provider == Provider(type="alertmanager", connection="production")


# What is silenced


def test_the_expected_alert_of_the_new_version_is_muted():
    assert mutes(firing().labels)


@pytest.mark.parametrize(
    "other",
    [
        {"alertname": "ErrorsHigh"},
        {"environment": "staging"},
        {"service": "payments"},
        {"arm": arm_name("checkout", digest_of("v1"))},
        {"arm": None},
        {"tier": "batch"},
        {"tier": None},
        {"severity": "page"},
        {"severity": "critical"},
        {"severity": "Critical"},
        {"unmasked_by": "lockgate"},
    ],
)
def test_nothing_else_is(other):
    assert not mutes(firing(**other).labels)


def test_labels_may_be_called_otherwise():
    alerts = AlertsSpec.model_validate(
        {
            "type": "alertmanager",
            "connection": "production",
            "labels": {"environment": "env", "arm": "cluster", "severity": "priority"},
            "paging": ["p.1"],
        }
    )
    fired = {"alertname": "LatencyHigh", "tier": "web", "env": "production"}
    fired |= {"service": "checkout", "cluster": ARM}

    assert mutes(fired, alerts)
    assert mutes(fired | {"priority": "px1"}, alerts)
    assert not mutes(fired | {"priority": "p.1"}, alerts)
    assert not mutes(fired | {"priority": "P.1"}, alerts)


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)


@given(st.lists(names, min_size=1, max_size=4, unique=True), st.data())
def test_no_severity_that_pages_is_ever_muted(paging, data):
    alerts = ALERTS.model_copy(update={"paging": tuple(paging)})
    severity = data.draw(st.sampled_from(paging))

    assert not mutes(firing(severity=severity).labels, alerts)
    assert not mutes(firing(severity=severity.upper()).labels, alerts)


@given(st.dictionaries(names.map("label_{}".format), names, max_size=4))
def test_a_silence_is_always_about_one_version_of_one_target(match):
    found = a_masking(an_expected(match=labels(**match)))
    silence = matchers(found.rules[0], found, TARGET)

    assert set(about(found, TARGET)) <= set(silence)
    assert {m.name for m in about(found, TARGET)} == {"environment", "service", "arm"}


@pytest.mark.parametrize(
    ("matcher", "holds"),
    [
        (Matcher(name="a", value="x"), True),
        (Matcher(name="a", value="x", equal=False), False),
        (Matcher(name="b", value=""), True),
        (Matcher(name="a", value="x|y", regex=True), True),
        (Matcher(name="a", value=re.escape("."), regex=True), False),
    ],
)
def test_a_label_that_is_not_there_is_empty(matcher, holds):
    assert matcher.holds({"a": "x"}) is holds


# When it is raised again


def looked(size, *, at=NOON + MINUTE, before=None, **rule):
    found = a_masking(an_expected(**rule)).rules[0]
    return looked_at(firing(), found, size=size, before=before, now=at)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (0.5, ""),
        (-3.0, ""),
        (0.51, "its size is 0.51, at most 0.5 is expected"),
        (float("nan"), "its size is nan"),
        (float("inf"), "its size is inf"),
        (None, "its size cannot be read"),
    ],
)
def test_an_alert_that_is_not_surely_small_enough_is_raised_again(size, why):
    seen = looked(size)

    assert seen.unmasked.startswith(why)
    assert bool(seen.unmasked) == bool(why)
    assert (seen.unmasked_at is not None) == bool(why)


def test_a_window_is_counted_from_when_the_alert_began():
    assert looked(0.1, at=NOON + 5 * MINUTE).unmasked == ""
    assert looked(0.1, at=NOON + 5.1 * MINUTE).unmasked == "it goes on for longer than 5m"


def test_an_alert_that_comes_and_goes_does_not_begin_anew():
    first = looked(0.1)
    again = firing().model_copy(update={"starts_at": NOON + 4 * MINUTE})
    rule = a_masking().rules[0]

    later = looked_at(again, rule, size=0.1, before=first, now=NOON + 6 * MINUTE)

    assert later.since == NOON
    assert later.unmasked


def test_the_peak_stays_and_so_does_the_first_reason():
    high = looked(0.9)
    lower = looked(0.1, at=NOON + 2 * MINUTE, before=high)

    assert (lower.peak, lower.until) == (0.9, NOON + 2 * MINUTE)
    assert (lower.unmasked, lower.unmasked_at) == (high.unmasked, high.unmasked_at)


def test_what_is_raised_again_pages_says_why_and_passes_its_silence():
    found = a_masking()

    raised, annotations = raised_again(firing(), looked(0.9), found)

    assert raised == firing().labels | {"severity": "page", "unmasked_by": "lockgate"}
    assert "its size is 0.9" in annotations["unmasked_because"]
    assert not all(m.holds(raised) for m in matchers(found.rules[0], found, TARGET))


def test_a_report_holds_what_was_raised_again_first_and_not_too_much():
    quiet, loud = looked(0.1), looked(0.9)

    kept = most_telling([*[quiet] * 150, loud])

    assert len(kept) == 100
    assert kept[0] == loud


def test_a_report_survives_the_wire():
    seen = looked(0.9)

    assert MaskedAlert.model_validate_json(seen.model_dump_json()) == seen
