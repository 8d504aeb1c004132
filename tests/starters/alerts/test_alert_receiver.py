"""The door for alerts: who may come in, and which answer makes Alertmanager tell again."""

import socket

import httpx
import pytest
import structlog.testing

from starters.alerts.alert_delivery import NotDelivered, Told
from starters.alerts.alert_receiver import LARGEST, application, serve
from starters.failures import CommandFailed
from tests.starters.alerts.test_alert_notice import SENT, notice

TOKEN = "0123456789abcdef"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


class Releases:
    def __init__(self):
        self.alerts = []
        self.down = False

    async def deliver(self, alerts):
        if self.down:
            raise NotDelivered("Temporal does not answer")
        self.alerts += alerts
        return tuple(Told("release/shop/1", "checkout@production", a.name) for a in alerts)


@pytest.fixture
def releases():
    return Releases()


@pytest.fixture
async def door(releases):
    transport = httpx.ASGITransport(application(releases.deliver, token=TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


async def test_a_firing_alert_is_delivered_and_answered_with_who_was_told(door, releases):
    answer = await door.post("/alerts", content=notice(SENT), headers=SHOWN)

    assert answer.status_code == 200
    assert answer.json()["told"][0]["release"] == "release/shop/1"
    assert [alert.name for alert in releases.alerts] == ["VersionErrorsHigh"]


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": ""},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer \xe9\xe9".encode("latin-1")},
    ],
)
async def test_whoever_does_not_show_the_token_is_turned_away(door, releases, shown):
    answer = await door.post("/alerts", content=notice(SENT), headers=shown)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert releases.alerts == []


async def test_a_resolved_alert_is_logged_and_goes_no_further(door, releases):
    with structlog.testing.capture_logs() as logs:
        sent = notice(SENT | {"status": "resolved"})
        answer = await door.post("/alerts", content=sent, headers=SHOWN)

    assert answer.status_code == 200
    assert releases.alerts == []
    assert [line["alert"] for line in logs if line["event"] == "alert_resolved"] == [
        "VersionErrorsHigh"
    ]


async def test_what_could_not_be_delivered_is_asked_for_again(door, releases):
    releases.down = True

    answer = await door.post("/alerts", content=notice(SENT), headers=SHOWN)

    assert answer.status_code == 503
    assert "Temporal does not answer" in answer.text


async def test_what_is_no_notice_is_not_asked_for_again(door, releases):
    answer = await door.post("/alerts", content=b"{}", headers=SHOWN)

    assert answer.status_code == 400
    assert "alerts" in answer.text


async def test_a_body_without_end_is_not_read_to_its_end(door, releases):
    read = []

    async def endless():
        while True:
            read.append(1)
            yield b" " * 65536

    answer = await door.post("/alerts", content=endless(), headers=SHOWN)

    assert answer.status_code == 413
    assert len(read) <= LARGEST / 65536 + 2


async def test_nobody_learns_the_token_from_the_log(door, releases):
    with structlog.testing.capture_logs() as logs:
        await door.post("/alerts", content=notice(SENT), headers={"Authorization": "Bearer wrong"})
        await door.post("/alerts", content=notice(SENT), headers=SHOWN)

    assert TOKEN not in str(logs)
    assert "wrong" not in str(logs)


async def test_its_health_needs_no_token(door):
    assert (await door.get("/healthz")).status_code == 200


async def test_alerts_are_only_taken_not_shown(door):
    assert (await door.get("/alerts", headers=SHOWN)).status_code == 405


async def test_a_port_that_is_taken_is_named(releases):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CommandFailed, match=f"--port {port}: cannot listen there"):
            await serve(application(releases.deliver, token=TOKEN), "127.0.0.1", port)
