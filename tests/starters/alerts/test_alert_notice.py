"""Notices as Alertmanager 0.25 sends them, and what is not one."""

import json
from datetime import UTC, datetime

import pytest

from starters.alerts.alert_notice import NotANotice, read_notice
from workflows.domain.release.commands import Alert

SENT = {
    "status": "firing",
    "labels": {"alertname": "VersionErrorsHigh", "service": "checkout"},
    "annotations": {"summary": "checkout fails"},
    "startsAt": "2026-11-25T12:00:00.5Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "9d2a4f",
}


def notice(*alerts, **more):
    return json.dumps(
        {"version": "4", "status": "firing", "receiver": "lockgate", "alerts": alerts} | more
    ).encode()


def test_an_alert_is_read_with_all_that_is_evidence():
    (alert,) = read_notice(notice(SENT)).firing

    assert alert == Alert(
        name="VersionErrorsHigh",
        summary="checkout fails",
        labels=SENT["labels"],
        fingerprint="9d2a4f",
        starts_at=datetime(2026, 11, 25, 12, 0, 0, 500_000, tzinfo=UTC),
        generator_url="http://prometheus/graph",
        annotations=SENT["annotations"],
    )


def test_firing_and_resolved_alerts_of_one_group_are_told_apart():
    read = read_notice(notice(SENT, SENT | {"status": "resolved"}, status="firing"))

    assert len(read.firing) == len(read.resolved) == 1


def test_what_a_newer_alertmanager_adds_is_ignored_and_what_is_left_out_is_empty():
    read = read_notice(json.dumps({"alerts": [{"labels": {}, "newer": 1}], "newer": 2}).encode())

    assert [alert.name for alert in read.firing] == ["unnamed alert"]
    assert read.truncated == 0


def test_alerts_that_were_cut_off_are_counted():
    assert read_notice(notice(truncatedAlerts=3)).truncated == 3


def test_a_description_stands_in_for_a_summary():
    (alert,) = read_notice(notice(SENT | {"annotations": {"description": "slow"}})).firing

    assert alert.summary == "slow"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"{}", "alerts"),
        (notice(version="5"), "expected the webhook's version '4', found '5'"),
        (notice({"labels": {"a": 1}}), r"alerts.0.labels.a"),
        (notice(SENT | {"startsAt": "noon"}), r"alerts.0.startsAt"),
    ],
)
def test_what_is_no_notice_is_refused_with_the_place(body, why):
    with pytest.raises(NotANotice, match=why):
        read_notice(body)
