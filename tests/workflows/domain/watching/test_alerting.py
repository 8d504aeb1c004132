"""Which release an alert is about: every field that may tell, and what it may not mean."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.release.commands import Alert
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress, ReleaseStatus, TargetView
from workflows.domain.traffic.route import Route
from workflows.domain.values import Artifact, Target, arm_name, digest_of, short
from workflows.domain.watching.alerting import LabelNames, bounded, concerned, occurrence

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CHECKOUT = Target(service="checkout", environment="production")
NEW, OLD = digest_of("v2"), digest_of("v1")
ABOUT = {"environment": "production", "service": "checkout"}


def a_view(progress=Progress.SHIFTING, **more):
    artifact = Artifact(service="checkout", version="v2", digest=NEW)
    facts = {"target": CHECKOUT, "artifact": artifact, "progress": progress, "started_at": NOON}
    return TargetView(**facts, **more)


def a_release(*views, phase=Phase.PROGRESSING):
    return ReleaseStatus(release="release/shop/1", name="shop", phase=phase, targets=views)


def an_alert(starts_at=NOON + timedelta(minutes=1), **labels):
    return Alert(name="ErrorsHigh", labels=ABOUT | labels, starts_at=starts_at)


@pytest.mark.parametrize(
    ("progress", "meant"),
    [
        (Progress.WAITING, False),
        (Progress.INSTALLING, False),
        (Progress.SHIFTING, True),
        (Progress.VERIFYING, True),
        (Progress.PROMOTED, True),
        (Progress.UNCHANGED, False),
        (Progress.FAILED, False),
        (Progress.WITHDRAWN, False),
    ],
)
def test_only_a_target_that_the_release_moves_is_meant(progress, meant):
    view = a_view(progress)

    assert concerned(an_alert(), a_release(view)) == (view if meant else None)


def test_a_hold_is_meant_once_something_was_shifted():
    before = a_view(Progress.HOLDING)
    after = a_view(Progress.HOLDING, route=Route(stable=OLD, canary=NEW, percent=10))

    assert concerned(an_alert(), a_release(before, phase=Phase.HOLDING)) is None
    assert concerned(an_alert(), a_release(after, phase=Phase.HOLDING)) == after


@pytest.mark.parametrize("phase", Phase)
def test_a_release_that_cannot_turn_back_any_more_is_not_told(phase):
    """One at the gate of its second stage can: its first stage takes traffic."""
    view = a_view(Progress.PROMOTED)
    under_way = {Phase.PROGRESSING, Phase.HOLDING, Phase.AWAITING_APPROVAL}

    assert (concerned(an_alert(), a_release(view, phase=phase)) is view) == (phase in under_way)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"service": "checkout"},
        {"environment": "production"},
        {"service": "", "environment": "production"},
        {"service": "payments", "environment": "production"},
        {"service": "checkout", "environment": "staging"},
        {"service": ".*", "environment": "production"},
        {"service": "checkout", "environment": "' OR 'a' = 'a"},
    ],
)
def test_an_alert_that_names_no_target_or_another_means_none(labels):
    alert = Alert(labels=labels)

    assert concerned(alert, a_release(a_view())) is None


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        ({"arm": arm_name("checkout", NEW)}, True),
        ({"arm": "canary"}, True),
        ({"arm": arm_name("checkout", OLD)}, False),
        ({"arm": "stable"}, False),
        ({"arm": ""}, True),
        ({"version": "v2"}, True),
        ({"version": NEW}, True),
        ({"version": short(NEW)}, True),
        ({"version": "v1"}, False),
        ({"version": "v2", "arm": arm_name("checkout", OLD)}, False),
    ],
)
def test_an_alert_about_another_version_is_not_about_the_new_one(labels, meant):
    assert (concerned(an_alert(**labels), a_release(a_view())) is not None) == meant


def test_what_fired_before_the_promotion_began_is_not_its_own_unless_it_names_its_version():
    earlier = NOON - timedelta(seconds=1)
    release = a_release(a_view())

    assert concerned(an_alert(starts_at=earlier), release) is None
    assert concerned(an_alert(starts_at=earlier, version="v2"), release) is not None
    assert concerned(an_alert(starts_at=NOON), release) is not None
    assert concerned(an_alert(starts_at=None), release) is not None


def test_the_labels_may_be_called_otherwise():
    names = LabelNames(environment="env", service="app")
    alert = Alert(labels={"env": "production", "app": "checkout"})

    assert concerned(alert, a_release(a_view()), names) is not None
    assert concerned(an_alert(), a_release(a_view()), names) is None


def test_one_firing_has_one_name_and_the_next_has_another():
    first = Alert(fingerprint="ab", starts_at=NOON, summary="40 %")
    again = Alert(fingerprint="ab", starts_at=NOON, summary="41 %")
    later = Alert(fingerprint="ab", starts_at=NOON + timedelta(hours=1))
    other = Alert(fingerprint="cd", starts_at=NOON)

    assert occurrence(first) == occurrence(again)
    assert len({occurrence(alert) for alert in (first, later, other)}) == 3


def test_without_a_fingerprint_the_labels_tell_alerts_apart():
    assert occurrence(an_alert()) == occurrence(an_alert())
    assert occurrence(an_alert()) != occurrence(an_alert(service="payments"))


@given(st.dictionaries(st.text(max_size=900), st.text(max_size=900), max_size=80))
def test_evidence_is_never_large(pairs):
    alert = bounded(Alert(name="n" * 9000, summary="s" * 9000, labels=pairs, annotations=pairs))

    assert len(alert.labels) <= 20
    assert len(alert.name) == len(alert.summary) == 300
    assert all(len(key) <= 100 and len(value) <= 300 for key, value in alert.labels.items())


def test_what_is_short_is_kept_as_it_is():
    assert bounded(an_alert()) == an_alert()
