"""The share that a real Envoy sends, measured; and what lies beside it, caught by measuring."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from activities.files import replace_file
from tests.contract.envoy_mesh import SERVICE, Mesh, Server, serving
from tests.contract.routing import CANARY, HEADER, V1, V2
from tests.loopback import eventually
from workflows.domain.canary.share import ShareRuling, ShareWord, share_is_as_asked
from workflows.domain.errors import Diverged
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name

TEN = CANARY.model_copy(update={"percent": 10})
# Within 5 % and 15 %, and five standard deviations of a binomial inside of both.
ENOUGH = 3000


@pytest.fixture
def arms() -> Iterator[tuple[Server, Server]]:
    with serving("v1") as v1, serving("v2") as v2:
        yield v1, v2


@pytest.fixture
def mesh(tmp_path: Path, arms: tuple[Server, Server]) -> Iterator[Mesh]:
    mesh = Mesh(tmp_path)
    for digest, server in zip((V1, V2), arms, strict=True):
        mesh.publish(digest, server.version, server.server_port)
    mesh.start()
    mesh.router.serve(SERVICE, TEN, instead_of=Route())
    try:
        yield mesh
    finally:
        mesh.client.close()
        mesh.kill()


def counted_by_envoy(mesh: Mesh) -> ShareRuling:
    """What the router itself says of each version's cluster, as a metric source would."""
    canary, stable = (
        sum(
            stat["value"]
            for stat in json.loads(
                mesh.ask_admin(
                    "stats?format=json&filter="
                    rf"^cluster\.{arm_name(SERVICE, digest)}\.upstream_rq_total$"
                )
            )["stats"]
        )
        for digest in (V2, V1)
    )
    return share_is_as_asked(10, canary_requests=canary, all_requests=canary + stable)


def counted_by_the_versions(arms: tuple[Server, Server]) -> ShareRuling:
    stable, canary = (len(server.asked) for server in arms)
    return share_is_as_asked(10, canary_requests=canary, all_requests=canary + stable)


@contextmanager
def a_proxy(choose: Callable[[int], tuple[int, dict[str, str]]]) -> Iterator[str]:
    """A proxy before the router; *choose* gives each request its port and its headers."""
    client = httpx.Client(trust_env=False)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        passed = 0

        def do_GET(self) -> None:
            Proxy.passed += 1
            port, headers = choose(Proxy.passed)
            body = client.get(f"http://127.0.0.1:{port}{self.path}", headers=headers).content
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            del args

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
            client.close()


def test_an_honest_envoy_is_as_ordered_and_never_suspected_on_the_way(mesh, arms):
    words = []
    for _ in range(ENOUGH // 50):
        for _ in range(50):
            mesh.get()
        words.append(counted_by_envoy(mesh).word)

    assert ShareWord.LYING not in words
    assert words[-1] is ShareWord.AS_ORDERED
    assert counted_by_envoy(mesh) == counted_by_the_versions(arms)


def test_an_envoy_that_keeps_sessions_is_no_liar(mesh, arms):
    """Fifteen users of twenty requests each: their requests are no 300 draws."""
    sticky = TEN.model_copy(update={"affinity": Affinity(by="header", name="session-id")})
    mesh.router.serve(SERVICE, sticky, instead_of=TEN)

    for number in range(300):
        mesh.get(**{"session-id": f"user-{number % 15}"})
    stable, canary = (len(server.asked) for server in arms)

    assert canary % 20 == 0
    ruling = share_is_as_asked(
        10, canary_requests=canary, all_requests=canary + stable, requests_per_session=20
    )
    assert ruling.word is ShareWord.TOO_FEW_TO_SAY


def test_a_proxy_that_sends_users_past_the_router_is_caught_by_what_the_versions_count(mesh, arms):
    """The router keeps its word and reads back well; the canary gets a third of the users."""
    v2 = arms[1].server_port
    with a_proxy(lambda number: (v2 if number % 3 == 0 else mesh.port, {})) as url:
        asked = 0
        while counted_by_the_versions(arms).word is not ShareWord.LYING:
            asked += 1
            assert asked < 300, counted_by_the_versions(arms)
            mesh.client.get(url)

    assert mesh.router.read(SERVICE) == TEN
    assert "asked for 10%" in counted_by_the_versions(arms).reason


def test_a_cache_that_keeps_users_from_the_canary_is_caught(mesh, arms):
    v1 = arms[0].server_port
    with a_proxy(lambda _: (v1, {})) as url:
        for _ in range(120):
            mesh.client.get(url)

    assert counted_by_the_versions(arms).word is ShareWord.LYING
    assert mesh.router.read(SERVICE) == TEN


def test_users_whom_a_proxy_marks_are_never_taken_for_a_share_that_is_served(mesh):
    """They count as testers, apart: as long as no user comes unmarked, no weight counts."""
    with_header = TEN.model_copy(update={"header": HEADER})
    mesh.router.serve(SERVICE, with_header, instead_of=TEN)
    with a_proxy(lambda _: (mesh.port, {HEADER.header: HEADER.value})) as url:
        for _ in range(20):
            mesh.client.get(url)

    ruling = counted_by_envoy(mesh)
    assert (ruling.word, ruling.all_requests) == (ShareWord.TOO_FEW_TO_SAY, 0)
    assert mesh.router.read(SERVICE) == with_header


def test_weights_that_the_runtime_may_override_are_noticed_without_a_single_request(mesh):
    """Beside a note that says 10 %, and weights that say it too."""
    file = mesh.config / f"rds-{SERVICE}.json"
    changed = json.loads(file.read_text())
    (host,) = changed["resources"][0]["virtual_hosts"]
    host["routes"][-1]["route"]["weighted_clusters"]["runtime_key_prefix"] = "mine"
    replace_file(file, json.dumps({**changed, "version_info": "by hand"}))
    eventually(lambda: '"by hand"' in mesh.ask_admin("config_dump?resource=dynamic_route_configs"))

    with pytest.raises(Diverged, match="runtime_key_prefix"):
        mesh.router.read(SERVICE)
