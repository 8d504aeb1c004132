from datetime import UTC, datetime, timedelta

import httpx
import pytest

from activities.sources.alert_history import AlertHistory
from workflows.domain.errors import Refused, Unavailable

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
SINCE = NOON - timedelta(hours=72)
MINUTE = timedelta(minutes=1)
AWAKE = [SINCE + n * timedelta(minutes=30) for n in range(145)]


def asking(*firing, awake=AWAKE):
    """Alerts that fire at these moments, in a Prometheus that was there at those."""
    asked = []

    def matrix(*series):
        result = [
            {"metric": {"n": str(n)}, "values": [[at.timestamp(), "1"] for at in moments]}
            for n, moments in enumerate(series)
            if moments
        ]
        return httpx.Response(200, json={"status": "success", "data": {"result": result}})

    def handle(request):
        asked.append(request)
        return matrix(awake) if "up" in request.url.params["query"] else matrix(*firing)

    client = httpx.Client(transport=httpx.MockTransport(handle))
    history = AlertHistory(
        "http://prometheus.test", client=client, labels={"severity": "page"}, token=lambda: "t"
    )
    return history, asked


def pages(history, service="ledger"):
    return history.pages(service, since=SINCE, until=NOON)


def lasting(begins, minutes):
    return [begins + n * MINUTE for n in range(minutes)]


def test_an_alert_that_goes_on_is_one_page():
    history, asked = asking(lasting(NOON - timedelta(hours=1), 30))

    assert pages(history) == (NOON - timedelta(hours=1),)
    query = asked[-1].url.params
    assert query["query"] == 'ALERTS{alertstate="firing",service="ledger",severity="page"}'
    assert query["step"] == "60"
    assert asked[-1].headers["Authorization"] == "Bearer t"


def test_an_alert_that_stops_and_fires_again_is_another_page():
    first, second = NOON - timedelta(hours=5), NOON - timedelta(hours=3)
    history, _ = asking(lasting(first, 5) + lasting(second, 5))

    assert pages(history) == (first, second)


def test_one_look_that_failed_is_no_end():
    begins = NOON - timedelta(hours=1)
    history, _ = asking([begins, begins + MINUTE, begins + 2 * MINUTE])

    assert pages(history) == (begins,)


def test_what_fired_before_the_time_began_is_no_page_of_it():
    history, _ = asking(lasting(SINCE - MINUTE, 10))

    assert pages(history) == ()


def test_several_alerts_are_several_pages():
    history, _ = asking([NOON], lasting(NOON - MINUTE, 2))

    assert pages(history) == (NOON - MINUTE, NOON)


def test_no_alert_is_believed_of_a_server_that_was_there():
    history, _ = asking()

    assert pages(history) == ()


@pytest.mark.parametrize("awake", [[], AWAKE[20:]], ids=["never", "only later"])
def test_no_alert_is_not_believed_of_a_server_that_was_not(awake):
    """Silence of who was not there is no quiet night."""
    history, _ = asking(awake=awake)

    with pytest.raises(Refused, match="whether somebody was paged then is not known"):
        pages(history)


def test_a_service_cannot_be_another_query():
    history, asked = asking()

    pages(history, 'x"} or vector(1) #\\')

    assert 'service="x\\"} or vector(1) #\\\\"' in asked[-1].url.params["query"]


def test_alerts_know_no_schedule():
    history, _ = asking()

    with pytest.raises(Refused, match="alerts tell of no schedule S1"):
        history.shift_began("S1", at=NOON)


@pytest.mark.parametrize("body", ["<html>", "{}", '{"data": {"result": [{"metric": {}}]}}'])
def test_another_systems_page_is_no_answer(body):
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=body)))
    history = AlertHistory("http://prometheus.test", client=client, labels={})

    with pytest.raises(Unavailable, match="what is no matrix"):
        pages(history)
