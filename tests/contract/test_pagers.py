"""What a pager promises: kept by a real Prometheus, PagerDuty's documented API, and the fake."""

import json
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from activities.sources.alert_history import AlertHistory
from activities.sources.pagerduty import PagerDuty
from tests.contract.metered_mesh import programs, running
from tests.fakes.sources import FakePager
from tests.loopback import free_port
from workflows.domain.errors import Refused, TargetMissing, Unavailable

# A whole minute: Prometheus is asked for points a minute apart.
NOON = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
SINCE = NOON - timedelta(hours=72)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAGED = {
    "ledger": (NOON - 70 * HOUR, NOON - 30 * HOUR, NOON - 2 * HOUR),
    "cards": (NOON - HOUR,),
}
BEFORE = SINCE - 5 * HOUR


class Account:
    """PagerDuty's documented answers, page by page, to who shows the right token."""

    token = "s3cret"

    def __init__(self):
        self.incidents = [
            {"id": f"Q{n}", "service": service, "urgency": "high", "created_at": at}
            for n, (service, at) in enumerate(
                (service, at) for service, moments in PAGED.items() for at in (BEFORE, *moments)
            )
        ]
        self.incidents.append(
            {"id": "QLOW", "service": "ledger", "urgency": "low", "created_at": NOON - HOUR}
        )
        self.shifts = {"S1": [NOON - 30 * HOUR, NOON - 6 * HOUR]}

    def answer(self, path, asked, headers):
        if headers["Authorization"] != f"Token token={self.token}":
            return 401, {"error": {"message": "Unauthorized", "code": 2006}}
        if path == "/incidents":
            return 200, self._incidents(asked)
        (schedule,) = asked["schedule_ids[]"]
        if schedule not in self.shifts:
            return 404, {"error": {"message": "Not Found", "code": 2100}}
        at = datetime.fromisoformat(asked["since"][0])
        told = [{"start": b.isoformat(), "end": None} for b in self.shifts[schedule] if b <= at]
        return 200, {"oncalls": told[-1:], "limit": 25, "offset": 0, "more": False}

    def _incidents(self, asked):
        since, until = (datetime.fromisoformat(asked[edge][0]) for edge in ("since", "until"))
        found = [
            {**one, "created_at": one["created_at"].isoformat()}
            for one in self.incidents
            if one["service"] in asked["service_ids[]"]
            and one["urgency"] in asked["urgencies[]"]
            and since <= one["created_at"] <= until
        ]
        offset, limit = int(asked["offset"][0]), 2  # so small that there is a second page
        page = found[offset : offset + limit]
        return {"incidents": page, "more": offset + limit < len(found), "limit": limit}


@pytest.fixture(scope="module")
def account():
    told = Account()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            place = urlsplit(self.path)
            status, answer = told.answer(place.path, parse_qs(place.query), self.headers)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nobody reads along."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def history():
    """What a Prometheus has seen in three days, in the format that it takes the past in."""

    def span(name, begins, minutes, step=1):
        for n in range(0, minutes, step):
            yield name, (begins + n * MINUTE).timestamp()

    labels = 'alertname="Slow",alertstate="firing",severity="{}",service="{}"'
    lines = []
    for service, moments in PAGED.items():
        name = f"ALERTS{{{labels.format('page', service)}}}"
        for begins in (BEFORE, *moments):
            lines += span(name, begins, 20)
    lines += span(f"ALERTS{{{labels.format('warning', 'ledger')}}}", NOON - HOUR, 20)
    up = list(span('up{job="shop"}', BEFORE, int((NOON - BEFORE) / MINUTE) + 1, 4))
    alerts = [f"{name} 1 {at:.0f}" for name, at in sorted(lines)]
    there = [f"{name} 1 {at:.0f}" for name, at in up]
    told = ["# TYPE ALERTS gauge", *alerts, "# TYPE up gauge", *there, "# EOF", ""]
    return "\n".join(told)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    found = programs(folder)
    (folder / "past.txt").write_text(history(), encoding="utf-8")
    (folder / "prometheus.yml").write_text("{}", encoding="utf-8")
    subprocess.run(
        [found / "promtool", "tsdb", "create-blocks-from", "openmetrics", "past.txt", "series"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    port = free_port()
    with running(
        str(found / "prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=series",
        f"--web.listen-address=127.0.0.1:{port}",
        folder=folder,
        ready=f"http://127.0.0.1:{port}/-/ready",
    ):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def client():
    with httpx.Client(trust_env=False) as made:
        yield made


@pytest.fixture(params=["pagerduty", "prometheus", "fake"])
def pager(request, client):
    if request.param == "pagerduty":
        url = request.getfixturevalue("account")
        return PagerDuty(url, client=client, token=lambda: Account.token)
    if request.param == "prometheus":
        url = request.getfixturevalue("prometheus")
        return AlertHistory(url, client=client, labels={"severity": "page"})
    paged = {service: [BEFORE, *moments] for service, moments in PAGED.items()}
    return FakePager(paged=paged, shifts={"S1": [NOON - 30 * HOUR, NOON - 6 * HOUR]})


@pytest.mark.parametrize("service", ["ledger", "cards"])
def test_each_page_of_the_service_is_told_once_and_those_before_are_not(pager, service):
    assert pager.pages(service, since=SINCE, until=NOON) == PAGED[service]


def test_a_service_that_nobody_was_paged_for_has_no_pages(pager):
    assert pager.pages("web", since=SINCE, until=NOON) == ()


def test_pages_after_the_moment_asked_about_are_not_told(pager):
    assert pager.pages("ledger", since=SINCE, until=NOON - 3 * HOUR) == PAGED["ledger"][:2]


def test_a_shift_began_when_the_last_handover_was(pager):
    if isinstance(pager, AlertHistory):
        with pytest.raises(Refused, match="tell of no schedule"):
            pager.shift_began("S1", at=NOON)
        return
    assert pager.shift_began("S1", at=NOON) == NOON - 6 * HOUR
    assert pager.shift_began("S1", at=NOON - 8 * HOUR) == NOON - 30 * HOUR


def test_a_schedule_that_is_not_there_is_missing(pager):
    with pytest.raises(Refused) as caught:
        pager.shift_began("S9", at=NOON)
    assert isinstance(caught.value, TargetMissing) or isinstance(pager, AlertHistory)


def test_a_prometheus_that_was_away_is_not_believed(prometheus, client):
    """It has no points of the time before its own."""
    history = AlertHistory(prometheus, client=client, labels={"severity": "page"})

    with pytest.raises(Refused, match="is not known"):
        history.pages("ledger", since=SINCE - 72 * HOUR, until=NOON - 72 * HOUR)


@pytest.mark.parametrize(
    "away",
    [
        lambda client: PagerDuty("http://127.0.0.1:9", client=client, token=lambda: "t"),
        lambda client: AlertHistory("http://127.0.0.1:9", client=client, labels={}),
        lambda _: FakePager(down=True),
    ],
    ids=["pagerduty", "prometheus", "fake"],
)
def test_one_that_does_not_answer_is_unavailable(client, away):
    with pytest.raises(Unavailable):
        away(client).pages("ledger", since=SINCE, until=NOON)


def test_a_token_that_is_not_taken_is_refused_and_not_told(account, client):
    pager = PagerDuty(account, client=client, token=lambda: "wr0ng")

    with pytest.raises(Refused) as caught:
        pager.pages("ledger", since=SINCE, until=NOON)
    assert "wr0ng" not in str(caught.value)
