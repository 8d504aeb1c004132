from datetime import UTC, datetime, timedelta

import httpx
import pytest

from activities.sources.pagerduty import PagerDuty
from workflows.domain.errors import Refused, TargetMissing, Unavailable

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
SINCE = NOON - timedelta(hours=72)


def asking(answer):
    """A pager whose account answers as *answer* says, and what it was asked."""
    asked = []

    def handle(request):
        asked.append(request)
        return answer(request)

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return PagerDuty("https://pager.test/", client=client, token=lambda: "s3cret"), asked


def incidents(*moments, more=False, first=0):
    listed = [
        {"id": f"Q{first + n}", "type": "incident", "created_at": at.isoformat()}
        for n, at in enumerate(moments)
    ]
    return httpx.Response(200, json={"incidents": listed, "limit": 100, "more": more})


def pages(pager):
    return pager.pages("PABC", since=SINCE, until=NOON)


def test_incidents_of_high_urgency_are_asked_for_by_service_and_time():
    pager, asked = asking(lambda _: incidents(NOON - timedelta(hours=1)))

    assert pages(pager) == (NOON - timedelta(hours=1),)
    (request,) = asked
    assert request.url.path == "/incidents"
    assert dict(request.url.params) == {
        "service_ids[]": "PABC",
        "urgencies[]": "high",
        "since": "2026-11-07T12:00:00+00:00",
        "until": "2026-11-10T12:00:00+00:00",
        "time_zone": "UTC",
        "limit": "100",
        "offset": "0",
    }
    assert request.headers["Authorization"] == "Token token=s3cret"
    assert request.headers["Accept"] == "application/vnd.pagerduty+json;version=2"


def test_every_page_of_the_list_is_read_and_an_incident_counts_once():
    """A list that grows while it is read shows an incident twice."""

    def answer(request):
        if request.url.params["offset"] == "0":
            return incidents(NOON - timedelta(hours=2), NOON - timedelta(hours=1), more=True)
        return incidents(NOON - timedelta(hours=1), NOON, first=1)

    pager, asked = asking(answer)

    assert pages(pager) == (NOON - timedelta(hours=2), NOON - timedelta(hours=1), NOON)
    assert [request.url.params["offset"] for request in asked] == ["0", "2"]


def test_a_list_without_an_end_is_left_at_a_thousand():
    pager, asked = asking(lambda _: incidents(*[NOON] * 100, more=True))

    assert pages(pager) == (NOON,) * 100
    assert len(asked) == 10


def test_a_page_without_anything_on_it_is_the_last():
    pager, asked = asking(lambda _: incidents(more=True))

    assert pages(pager) == ()
    assert len(asked) == 1


def test_a_shift_begins_where_its_entry_says():
    shifts = [
        {"escalation_level": 1, "start": "2026-11-09T09:00:00Z", "end": "2026-11-16T09:00:00Z"},
        {"escalation_level": 1, "start": "2026-11-10T11:00:00Z", "end": "2026-11-10T13:00:00Z"},
        {"escalation_level": 2, "start": None, "end": None},
    ]
    pager, asked = asking(lambda _: httpx.Response(200, json={"oncalls": shifts}))

    assert pager.shift_began("PSCH", at=NOON) == NOON - timedelta(hours=1)
    assert asked[0].url.path == "/oncalls"
    assert asked[0].url.params["schedule_ids[]"] == "PSCH"


def test_where_nobody_is_on_call_no_shift_began():
    pager, _ = asking(lambda _: httpx.Response(200, json={"oncalls": []}))

    assert pager.shift_began("PSCH", at=NOON) is None


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Refused), (403, Refused), (404, TargetMissing), (429, Unavailable), (500, Unavailable)],
)
def test_a_failure_is_told_by_what_can_be_done_about_it(status, error):
    pager, _ = asking(lambda _: httpx.Response(status, text="s3cret"))

    with pytest.raises(error, match="PagerDuty answered") as caught:
        pages(pager)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("body", ["<html>", "{}", '{"incidents": [{"id": "Q"}]}', "[]"])
def test_another_systems_page_is_no_answer(body):
    pager, _ = asking(lambda _: httpx.Response(200, text=body))

    with pytest.raises(Unavailable, match="none of its pages"):
        pages(pager)
