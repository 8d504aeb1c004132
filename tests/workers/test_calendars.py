import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from infra.settings import Settings
from tests.workers.vaults import Vault
from workers.calendars import feeds_of
from workers.parts import Parts
from workflows.domain.calendar.reach import FeedAsk
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.ports.feeds import ReadFeed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def parts(tmp_path):
    def build(held=None, **more):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "calendars": {"vendor-x": {"url": "http://vendor.test/c.ics", **more}},
            }
        )
        found = Parts(
            settings=settings, queue=Queue.CALENDARS, vault=Vault(held), client=None, loop=loop
        )
        # What it asks over the wire, answered here.
        vars(found)["http"] = httpx.Client(transport=httpx.MockTransport(answer))
        made.append(found)
        return found

    def answer(request):
        shown.append(request.headers.get("authorization"))
        return httpx.Response(503)

    shown, made = [], []
    build.shown = shown
    loop = asyncio.new_event_loop()
    yield build
    for each in made:
        each.http.close()
    loop.close()


def read(port, connection="vendor-x"):
    feed = FeedAsk(connection=connection, max_age=timedelta(hours=1))
    return port.read_feed(ReadFeed(feed=feed, at=NOON))


def test_the_feeds_of_the_settings_are_asked_and_nothing_waits_for_them(parts):
    port, needs = feeds_of(parts())

    assert "503" in read(port).problem
    assert parts.shown == [None]
    assert needs == ()
    with pytest.raises(TargetMissing, match="which have vendor-x"):
        read(port, "vendor-y")


def test_a_feed_is_shown_the_token_that_the_vault_holds(parts):
    made = parts({"token": "hunter2"}, credentials="calendars/vendor-x")
    port, needs = feeds_of(made)

    read(port)

    assert parts.shown == ["Bearer hunter2"]
    assert made.vault.asked == ["kv/calendars/vendor-x"]
    assert [need.setting for need in needs] == ["vault.approles (calendars)"]


def test_a_secret_without_a_token_is_a_problem_of_the_feed(parts):
    port, _ = feeds_of(parts({"other": "x"}, credentials="calendars/vendor-x"))

    assert "has no field `token`" in read(port).problem
