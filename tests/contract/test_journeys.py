"""One suite for the fake and for real versions of the shop behind a real Envoy."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import structlog
from ruamel.yaml import YAML
from temporalio.testing import ActivityEnvironment

from activities.connections import Connections
from activities.journeys import HttpEntrance, JourneysActivities
from activities.traffic.envoy_config import twin_of
from examples.shop.versions import VERSIONS, Behaviour
from tests.architecture.sources import ROOT
from tests.contract.conftest import Postgres
from tests.contract.envoy_mesh import SERVICE, Mesh
from tests.contract.shop.conftest import Running, Shop
from tests.fakes.journeys import FakeJourneys
from tests.loopback import eventually
from workflows.domain.canary.verdict import Word
from workflows.domain.journeys.plan import JourneyPlan, compile_journey
from workflows.domain.journeys.report import ArmWord, JourneyReport
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.spec.journey import JourneySpec
from workflows.domain.traffic.route import Route
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.journeys import JourneysPort, RunJourney

TARGET = Target(service=SERVICE, environment="test")
ENTRANCE = Provider(type="http", connection="test")
HEADER = HeaderRoute(header="x-canary", value="1")
SECRET = "hunter2-hunter2"

BUY = {
    "name": "buy",
    "request": {
        "method": "POST",
        "path": "/orders",
        "headers": {"x-order-id": "{{ run }}", "authorization": "Bearer {{ login }}"},
        "json": {"sku": "{{ sku }}", "quantity": 2, "customer": "buyer"},
    },
    "expect": {
        "status": 200,
        "json": [
            {"path": "$.status", "equals": "accepted"},
            {"path": "$.amountCents", "minimum": 1},
        ],
    },
    "capture": {"orderId": "$.orderId", "cents": "$.amountCents"},
}
BUY_AGAIN = {
    "name": "buy-again",
    "request": {
        "method": "POST",
        "path": "/orders",
        "json": {"orderId": "{{ orderId }}", "sku": "mug", "quantity": 2, "customer": "buyer"},
    },
    "expect": {"json": [{"path": "$.amountCents", "equals": "{{ cents }}"}]},
}
UNDO = {
    "name": "undo",
    "request": {
        "method": "POST",
        "path": "/orders",
        "json": {"orderId": "{{ run }}-undo", "sku": "mug", "quantity": 1, "customer": "undoer"},
    },
    "expect": {"status": "2xx"},
}


def journey(*steps, **more) -> JourneyPlan:
    written = {
        "service": SERVICE,
        "variables": {"sku": "mug"},
        "secretRefs": {"login": {"path": "shop", "field": "login"}},
        "versionHeader": "x-shop-version",
        "steps": list(steps or (BUY, BUY_AGAIN)),
        "cleanup": [UNDO],
    }
    return compile_journey("buying", JourneySpec.model_validate(written | more))


def ask(plan: JourneyPlan | None = None, *, canary: str = "v2") -> RunJourney:
    return RunJourney(
        target=TARGET,
        entrance=ENTRANCE,
        journey=plan or journey(),
        header=HEADER,
        canary_version=canary,
    )


class Street:
    """Two versions of checkout behind an Envoy that sends only the header to the canary."""

    def __init__(self, shop: Shop, mesh: Mesh) -> None:
        self.shop, self.mesh = shop, mesh
        self.vault = {"journeys/test/shop": {"login": SECRET}}

    def open(self, *, baseline: str = "v1", canary: str = "v2") -> None:
        inventory = self.shop.start("inventory", "v1")
        payments = self.shop.start("payments", "v1", INVENTORY_URL=inventory.url)
        self.baseline, self.canary = (
            self.shop.start(SERVICE, version, PAYMENTS_URL=payments.url)
            for version in (baseline, canary)
        )
        self.shop.await_health()
        for running in (self.baseline, self.canary):
            bundle = running.bundle
            self.mesh.publish(bundle.digest, bundle.version, running.port)
        route = Route(
            stable=self.baseline.bundle.digest,
            canary=self.canary.bundle.digest,
            percent=0,
            header=HEADER,
            release="release-2",
        )
        self.mesh.router.serve(SERVICE, route, instead_of=Route())

    def port(self) -> JourneysActivities:
        entrance = HttpEntrance(
            base_urls={SERVICE: f"http://127.0.0.1:{self.mesh.port}"},
            mark=("x-synthetic", "lockgate"),
            secrets_under="journeys/test",
        )
        entrances = Connections("entrance for journeys", {ENTRANCE: entrance})
        return JourneysActivities(entrances, self.vault.__getitem__)

    def run(self, asked: RunJourney) -> JourneyReport:
        return ActivityEnvironment().run(self.port().run_journey, asked)

    def served(self, running: Running, *, marked: bool) -> int:
        """How many requests Envoy counted for this version, of customers or of *marked* ones."""
        arm = arm_name(SERVICE, running.bundle.digest)
        name = twin_of(arm) if marked else arm
        page = self.mesh.ask_admin("stats/prometheus")
        pattern = rf'upstream_rq_xx\{{[^}}]*cluster_name="{name}"[^}}]*\}} (\d+)'
        counts = [
            line
            for line in page.splitlines()
            if line.startswith("envoy_cluster_external_upstream_rq_xx")
        ]
        return sum(int(found[1]) for line in counts if (found := re.search(pattern, line)))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions whose every order fails, or is declined."""
    monkeypatch.setitem(VERSIONS[SERVICE], "fails", Behaviour(error_rate=1.0))
    monkeypatch.setitem(VERSIONS[SERVICE], "fails-too", Behaviour(error_rate=1.0))
    monkeypatch.setitem(VERSIONS[SERVICE], "declines", Behaviour(conversion=0.0))


@pytest.fixture
def street(postgres: Postgres, tmp_path: Path, broken: None) -> Iterator[Street]:
    place = {"host": "127.0.0.1", "port": postgres.port, "dbname": postgres.database()}
    (tmp_path / "shop").mkdir()
    shop = Shop(tmp_path / "shop", {**place, "user": "app", "password": "unused"})
    mesh = Mesh(tmp_path)
    mesh.start()
    try:
        yield Street(shop, mesh)
    finally:
        mesh.client.close()
        mesh.kill()
        shop.stop()


Tried = Callable[[str, str], JourneyReport]


def faked(baseline: str, canary: str) -> JourneyReport:
    port: JourneysPort = FakeJourneys()
    port.failing = {TARGET} if canary.startswith("fails") else set()
    port.failing_baseline = {TARGET} if baseline.startswith("fails") else set()
    return port.run_journey(ask(canary=canary))


@pytest.fixture(params=["fake", "envoy"])
def tried(request: pytest.FixtureRequest) -> Tried:
    if request.param == "fake":
        return faked
    street: Street = request.getfixturevalue("street")

    def through_envoy(baseline: str, canary: str) -> JourneyReport:
        street.open(baseline=baseline, canary=canary)
        return street.run(ask(canary=canary))

    return through_envoy


def test_a_good_version_passes_beside_the_old_one(tried):
    report = tried("v1", "v2")

    assert report.word is Word.PASS, report
    assert [report.canary.word, report.baseline.word] == [ArmWord.PASSED] * 2
    assert [step.name for step in report.canary.steps] == ["buy", "buy-again"]


def test_a_version_that_fails_where_the_old_one_does_not_is_at_fault(tried):
    report = tried("v1", "fails")

    assert report.word is Word.FAIL
    assert "only the canary failed: buy: status: expected 200, found 500" in report.reason
    assert report.canary.tries == 2
    assert report.sent.canary.errors > report.sent.baseline.errors == 0


def test_what_fails_on_both_is_not_the_canarys_fault(tried):
    report = tried("fails-too", "fails")

    assert report.word is Word.INCONCLUSIVE
    assert "both versions failed, so it is not the canary's fault" in report.reason


def test_the_journey_of_the_guide_is_one_that_runs(street):
    page = (ROOT / "docs/how-to/synthetic-journeys.md").read_text("utf-8")
    first, *_ = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    written = YAML(typ="safe").load(first)
    plan = compile_journey(
        written["metadata"]["name"], JourneySpec.model_validate(written["spec"])
    )
    street.open()

    report = street.run(ask(plan))

    assert report.word is Word.PASS, report
    assert [step.name for step in report.canary.steps] == ["order", "order-again"]


def test_a_version_that_declines_orders_is_found_before_any_customer_sees_it(street):
    street.open(canary="declines")

    report = street.run(ask(canary="declines"))

    assert report.word is Word.FAIL
    (finding,) = report.canary.steps[0].findings[:1]
    assert finding.found == "'declined'"
    assert {street.mesh.get("/version").json()["version"] for _ in range(20)} == {"v1"}


def test_journeys_are_no_business_and_envoy_counts_them_apart(street):
    street.open()

    report = street.run(ask())

    for running, sent in (
        (street.canary, report.sent.canary),
        (street.baseline, report.sent.baseline),
    ):
        assert sent.requests == 3
        eventually(lambda running=running: street.served(running, marked=True) == 3)
        assert street.served(running, marked=False) == 0
        metrics = httpx.get(f"{running.url}/metrics").text
        assert re.findall(r'shop_orders_total\{.*status="accepted"\} (\d+)', metrics) == ["0"]
        assert re.findall(r"shop_revenue_cents_total\{.*\} (\d+)", metrics) == ["0"]
    payments = httpx.get(f"{street.shop.of('payments').url}/metrics").text
    assert re.findall(r'shop_orders_total\{.*status="accepted"\} (\d+)', payments) == ["0"]
    assert len(street.shop.settled("payments")) == 4, "they were served all the same"


def test_what_a_failing_journey_did_is_undone_on_both_versions(street):
    street.open(canary="declines")

    report = street.run(ask(journey(tries=1), canary="declines"))

    assert report.canary.word is ArmWord.FAILED
    undone = [row for row in street.shop.settled("orders") if row[1] == "undoer"]
    assert len(undone) == 2
    # It declines the cleanup as well, which is an answer with status 200.
    assert (report.canary.leftover, report.baseline.leftover) == ((), ())


def test_an_envoy_that_is_gone_is_no_verdict(street):
    street.open()
    street.mesh.kill()

    report = street.run(ask())

    assert report.word is Word.PROVIDER_ERROR
    assert report.canary.word is report.baseline.word is ArmWord.UNREACHABLE


def test_a_route_that_does_not_reach_the_canary_is_noticed(street):
    """Envoy sends the header nowhere special: the old version answers as if it were the new."""
    street.open(canary="fails")
    found = street.mesh.router.read(SERVICE)
    lost = found.model_copy(update={"header": None})
    street.mesh.router.serve(SERVICE, lost, instead_of=found)

    report = street.run(ask(canary="fails"))

    assert report.word is Word.PROVIDER_ERROR
    assert "answered by v1, asked of fails: routed elsewhere" in report.reason


class Echo(BaseHTTPRequestHandler):
    """Tells whoever asks what it was asked, as a debug page does."""

    def do_POST(self) -> None:
        told = {"login": self.headers["authorization"], "error": "boom"}
        told["body"] = self.rfile.read(int(self.headers["content-length"])).decode()
        self.answer(500, json.dumps(told).encode(), **{"x-echo": self.headers["authorization"]})

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        """Say nothing."""


class Lure(Echo):
    """Sends everybody to another host."""

    elsewhere = ""

    def do_POST(self) -> None:
        self.answer(307, location=self.elsewhere)


class Elsewhere(Echo):
    """Another host: what arrives here has leaked."""

    leaked: list[str]

    def do_POST(self) -> None:
        self.leaked.append(str(self.headers))
        self.answer(200)


@contextmanager
def serving(handler: type[Echo]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve_alone(street: Street, port: int) -> None:
    digest = digest_of("not a shop")
    street.mesh.publish(digest, "v0", port)
    route = Route(stable=digest, release="release-1")
    street.mesh.router.serve(SERVICE, route, instead_of=Route())


def test_no_message_report_or_line_of_log_holds_a_secret(street):
    buying = json.loads(json.dumps(BUY).replace("{{ sku }}", "{{ login }}"))
    buying["expect"] = {
        "status": 500,
        "json": [{"path": "$.*", "equals": "nothing"}],
        "headers": {"x-echo": {"exists": False}},
        "bodyContains": ["nothing"],
    }
    asked = ask(journey(buying))

    with serving(Echo) as port, structlog.testing.capture_logs() as logs:
        serve_alone(street, port)
        report = street.run(asked)

    (step,) = report.canary.steps
    echoed = [finding.found for finding in step.findings]
    assert all("Bearer ***" in found for found in echoed)
    assert len(echoed) == 3
    for told in (asked.model_dump_json(), report.model_dump_json(), str(logs), str(report)):
        assert SECRET not in told


def test_a_redirect_to_another_host_does_not_take_the_secret_along(street, monkeypatch):
    monkeypatch.setattr(Elsewhere, "leaked", [], raising=False)
    following = {**BUY, "request": {**BUY["request"], "followRedirects": True}}

    with serving(Elsewhere) as other, serving(Lure) as lure:
        monkeypatch.setattr(Lure, "elsewhere", f"http://127.0.0.1:{other}/orders")
        serve_alone(street, lure)
        report = street.run(ask(journey(following)))

    assert Elsewhere.leaked == []
    assert "found 307 (it leads to another host" in report.canary.reason
