import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from infra.settings import Settings
from tests.workers.vaults import Vault
from workers.alerts import alerts_of
from workers.parts import Parts
from workflows.domain.errors import TargetMissing
from workflows.domain.names import Queue
from workflows.domain.values import Provider
from workflows.ports.alerts import LiftSilences

STAGING = Provider(type="alertmanager", connection="staging")


@pytest.fixture
def parts(tmp_path):
    def build(url="http://127.0.0.1:1", held=None, **more):
        entry = {"type": "alertmanager", "url": url, **more}
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "alerts": {"staging": entry},
            }
        )
        vault = Vault(held or {"token": "hunter2"})
        made.append(
            Parts(settings=settings, queue=Queue.ALERTS, vault=vault, client=None, loop=loop)
        )
        return made[-1]

    made = []
    loop = asyncio.new_event_loop()
    yield build
    for each in made:
        each.http.close()
    loop.close()


@contextmanager
def manager():
    """An alert manager without a silence; yields its address, and what it was shown."""
    shown = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            shown.append((self.path.partition("?")[0], self.headers["authorization"]))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_):
            """Say nothing: pytest's output is for the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", shown
        finally:
            server.shutdown()
            serving.join()


def lift(port, provider=STAGING):
    return port.lift_silences(LiftSilences(provider=provider, release="release/shop-v2"))


def test_a_manager_is_shown_the_token_that_the_vault_holds(parts):
    with manager() as (url, shown):
        made = parts(url, credentials="alertmanager/staging")
        port, _ = alerts_of(made)
        assert made.vault.asked == []

        lift(port)

    assert shown
    assert {told for _, told in shown} == {"Bearer hunter2"}
    assert made.vault.asked == ["kv/alertmanager/staging"]


def test_without_credentials_nothing_is_shown_and_no_vault_is_needed(parts):
    with manager() as (url, shown):
        port, needs = alerts_of(parts(url))
        lift(port)

    assert {told for _, told in shown} == {None}
    assert [need.setting for need in needs] == ["alerts.staging.url"]


def test_a_secret_without_a_token_is_missing_by_name_and_never_shown(parts):
    with manager() as (url, shown):
        made = parts(url, held={"password": "hunter2"}, credentials="alertmanager/staging")
        port, _ = alerts_of(made)

        with pytest.raises(
            TargetMissing, match="kv/alertmanager/staging has no field `token`"
        ) as raised:
            lift(port)

    assert shown == []
    assert "hunter2" not in str(raised.value)


def test_both_servers_are_pinged_where_they_say_that_they_are_ready(parts):
    with manager() as (url, shown):
        made = parts(f"{url}/", prometheus=f"{url}/prometheus", credentials="a/b")
        _, needs = alerts_of(made)
        for need in needs:
            need.ping()

    assert [need.setting for need in needs] == [
        "vault.approles (alerts)",
        "alerts.staging.url",
        "alerts.staging.prometheus",
    ]
    assert [path for path, _ in shown] == ["/-/ready", "/prometheus/-/ready"]
    with pytest.raises(httpx.ConnectError):
        needs[1].ping()


def test_a_manager_that_the_settings_do_not_know_is_missing(parts):
    port, _ = alerts_of(parts())

    with pytest.raises(TargetMissing, match="alertmanager/moon is not in"):
        lift(port, Provider(type="alertmanager", connection="moon"))
