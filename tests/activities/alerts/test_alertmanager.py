"""What is sent to Alertmanager, and how it is understood; the contract suite asks a real one."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from activities.alerts.alertmanager import Alertmanager
from activities.alerts.manager import Silence
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.watching.silences import Matcher

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SILENCE = Silence(
    matchers=(
        Matcher(name="alertname", value="LatencyHigh"),
        Matcher(name="severity", value="(?i:page)", regex=True, equal=False),
    ),
    starts_at=NOON,
    ends_at=NOON + timedelta(minutes=1),
    created_by="lockgate release/shop/1 checkout@staging",
    comment="expected",
)
STORED = {
    "id": "a1",
    "status": {"state": "active"},
    "updatedAt": "2026-11-25T12:00:00.000Z",
    "matchers": [
        {"name": "severity", "value": "(?i:page)", "isRegex": True, "isEqual": False},
        {"name": "alertname", "value": "LatencyHigh", "isRegex": False, "isEqual": True},
    ],
    "startsAt": "2026-11-25T12:00:00.000Z",
    "endsAt": "2026-11-25T12:01:00.000Z",
    "createdBy": SILENCE.created_by,
    "comment": "expected",
}
ALERT = {
    "fingerprint": "f1",
    "status": {"state": "suppressed", "silencedBy": ["a1"], "inhibitedBy": []},
    "labels": {"alertname": "LatencyHigh"},
    "annotations": {"value": "0.1"},
    "startsAt": "2026-11-25T12:00:10.000Z",
    "endsAt": "2026-11-25T12:04:00.000Z",
    "receivers": [{"name": "pager"}],
}


class Server:
    """Answers as a test says, and keeps what it was asked."""

    def __init__(self):
        self.answer = httpx.Response(200, json=[])
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        return self.answer

    @property
    def last(self):
        return self.asked[-1]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def manager(server):
    with httpx.Client(transport=httpx.MockTransport(server)) as client:
        yield Alertmanager("http://am/", client=client, prometheus="http://prom/")


def answers(server, body, status=200):
    server.answer = httpx.Response(status, json=body)


def test_a_silence_is_spelt_as_the_api_has_it(server, manager):
    answers(server, {"silenceID": "a1"})

    assert manager.put(SILENCE) == "a1"
    body = json.loads(server.last.content)
    assert (server.last.method, server.last.url) == ("POST", "http://am/api/v2/silences")
    assert "id" not in body
    assert body["endsAt"] == "2026-11-25T12:01:00+00:00"
    assert body["matchers"][1] == {
        "name": "severity",
        "value": "(?i:page)",
        "isRegex": True,
        "isEqual": False,
    }


def test_a_changed_silence_names_itself_and_may_get_another_name(server, manager):
    answers(server, {"silenceID": "b2"})

    assert manager.put(SILENCE._replace(id="a1")) == "b2"
    assert json.loads(server.last.content)["id"] == "a1"


def test_silences_are_read_back_without_those_that_have_ended(server, manager):
    answers(server, [STORED, STORED | {"id": "a0", "status": {"state": "expired"}}])

    (found,) = manager.silences()

    assert found._replace(matchers=()) == SILENCE._replace(id="a1", matchers=())
    assert set(found.matchers) == set(SILENCE.matchers)


def test_a_silence_of_an_older_alertmanager_has_no_negative_matchers(server, manager):
    matchers = [{"name": "a", "value": "b", "isRegex": False}]
    answers(server, [STORED | {"matchers": matchers}])

    assert manager.silences()[0].matchers == (Matcher(name="a", value="b"),)


def test_only_muted_alerts_about_the_target_are_asked_for(server, manager):
    answers(server, [ALERT, ALERT | {"status": {"state": "suppressed", "silencedBy": []}}])

    (found,) = manager.silenced([Matcher(name="service", value='che"ckout')])

    asked = server.last.url.params
    assert asked.get_list("filter") == ['service="che\\"ckout"']
    assert (asked["silenced"], asked["active"], asked["inhibited"]) == ("true", "false", "true")
    assert found.silenced_by == ("a1",)
    assert found.annotations == {"value": "0.1"}
    assert found.starts_at == NOON + timedelta(seconds=10)


def test_what_does_not_mute_any_more_is_not_ended_again(server, manager):
    answers(server, [])

    manager.expire("a1")

    assert [request.method for request in server.asked] == ["GET"]


def test_an_alert_is_raised_with_its_end(server, manager):
    manager.fire(
        {"alertname": "X"}, {"why": "y"}, starts_at=NOON, ends_at=NOON + timedelta(minutes=1)
    )

    (sent,) = json.loads(server.last.content)
    assert sent["labels"] == {"alertname": "X"}
    assert (sent["startsAt"], sent["endsAt"]) == (
        "2026-11-25T12:00:00+00:00",
        "2026-11-25T12:01:00+00:00",
    )


@pytest.mark.parametrize(
    ("values", "size"), [([], None), (["1"], 1.0), (["1", "3", "2"], 3.0), (["-2"], -2.0)]
)
def test_a_size_is_the_largest_value_of_its_query(server, manager, values, size):
    answers(server, vector(*values))

    assert manager.measure("burn") == size
    assert server.last.url == "http://prom/api/v1/query?query=burn"


def test_a_value_that_is_no_number_hides_behind_no_other(server, manager):
    answers(server, vector("1", "NaN", "2"))

    size = manager.measure("burn")

    assert size != size  # noqa: PLR0124 - what NaN is known by


def test_a_query_that_prometheus_does_not_understand_is_refused(server, manager):
    answers(server, {"status": "error"}, status=400)

    with pytest.raises(Refused, match="Prometheus"):
        manager.measure("burn(")


def vector(*values):
    return {"data": {"result": [{"metric": {}, "value": [1.0, value]} for value in values]}}


def test_a_token_is_shown_to_the_alert_manager_alone(server):
    with httpx.Client(transport=httpx.MockTransport(server)) as client:
        manager = Alertmanager(
            "http://am", client=client, token=lambda: "hunter2", prometheus="http://prom"
        )
        manager.silences()
        assert server.last.headers["authorization"] == "Bearer hunter2"
        answers(server, vector())
        manager.measure("up")

    assert "authorization" not in server.last.headers


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (401, Refused), (404, TargetMissing), (500, Unavailable), (503, Unavailable)],
)
def test_what_it_will_not_do_is_told_from_what_it_cannot_do_now(server, manager, status, kind):
    answers(server, "end time must not be in the past", status=status)

    with pytest.raises(kind, match="Alertmanager"):
        manager.put(SILENCE)


@pytest.mark.parametrize("body", [{"not": "a list"}, [{"id": "a1"}], "text"])
def test_an_answer_of_another_form_is_no_answer(server, manager, body):
    answers(server, body)

    with pytest.raises(Unavailable, match="in a form that is not its API's"):
        manager.silences()
