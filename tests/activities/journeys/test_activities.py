import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
import structlog
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities.connections import Connections
from activities.journeys import HttpEntrance, JourneysActivities
from tests.loopback import eventually
from workflows.domain.canary.verdict import Word
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.journeys.plan import compile_journey
from workflows.domain.journeys.report import ArmWord, Sent
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.spec.journey import JourneySpec
from workflows.domain.values import Provider, Target
from workflows.ports.journeys import RunJourney

SECRET = "hunter2-hunter2"
ENTRANCE = Provider(type="http", connection="production")
HEADER = HeaderRoute(header="x-canary", value="1")


def spec(**more):
    login = {"path": "/me", "headers": {"authorization": "{{ token }}"}}
    written = {
        "service": "checkout",
        "steps": [{"name": "me", "request": login}],
        "secretRefs": {"token": {"path": "shop", "field": "token"}},
        "versionHeader": "x-version",
        "tries": 1,
    }
    return JourneySpec.model_validate(written | more)


def ask(*, service="checkout", entrance=ENTRANCE, stable_header=None, **more):
    return RunJourney(
        target=Target(service=service, environment="production"),
        entrance=entrance,
        journey=compile_journey("checkout", spec(**more)),
        header=HEADER,
        canary_version="v2",
        stable_header=stable_header,
    )


@dataclass
class World:
    """A router before two versions, and a vault."""

    canary: int = 200
    baseline: int = 200
    vault: dict = field(default_factory=lambda: {"journeys/production/shop": {"token": SECRET}})
    under: str | None = "journeys/production"
    vault_error: Exception | None = None
    strays: bool = False
    seen: list = field(default_factory=list)
    meanwhile: Callable = lambda _: None
    noticed: list = field(default_factory=list)

    def serve(self, request):
        self.seen.append(request)
        self.meanwhile(request)
        on_canary = request.headers.get("x-canary") == "1" or self.strays
        status, version = (self.canary, "v2") if on_canary else (self.baseline, "v1")
        return httpx.Response(status, headers={"x-version": version})

    def read(self, path):
        if self.vault_error is not None:
            raise self.vault_error
        if path not in self.vault:
            raise TargetMissing(f"vault: {path}: there is nothing")
        return self.vault[path]

    def run(self, asked=None):
        entrance = HttpEntrance(
            base_urls={"checkout": "http://shop.test"},
            mark=("x-synthetic", "lockgate"),
            secrets_under=self.under,
            transport=httpx.MockTransport(self.serve),
        )
        port = JourneysActivities(
            Connections("entrance for journeys", {ENTRANCE: entrance}),
            self.read,
            every=timedelta(milliseconds=20),
        )
        self.beats = []
        self.environment = ActivityEnvironment()
        self.environment.on_heartbeat = lambda *_: self.beats.append(1)
        return self.environment.run(port.run_journey, asked or ask())


@pytest.mark.parametrize(
    ("canary", "baseline", "word"),
    [
        (200, 200, Word.PASS),
        (500, 200, Word.FAIL),
        (500, 500, Word.INCONCLUSIVE),
        (200, 500, Word.PASS),
    ],
)
def test_both_versions_are_asked_the_same_and_compared(canary, baseline, word):
    world = World(canary=canary, baseline=baseline)

    report = world.run()

    assert report.word is word
    assert sorted(r.headers.get("x-canary", "") for r in world.seen) == ["", "1"]
    assert {r.headers["x-synthetic"] for r in world.seen} == {"lockgate"}
    assert report.sent.canary == Sent(requests=1, errors=int(canary == 500))
    assert report.sent.baseline == Sent(requests=1, errors=int(baseline == 500))
    assert world.beats


def test_the_baseline_is_asked_by_the_stable_header_where_there_is_one():
    world = World()

    world.run(ask(stable_header=HeaderRoute(header="x-canary", value="never")))

    assert sorted(r.headers.get("x-canary") for r in world.seen) == ["1", "never"]


def test_what_the_canary_answered_in_the_baselines_place_is_counted_as_the_canarys():
    """With weights alone, requests of the baseline reach the canary: they prove nothing."""
    report = World(canary=500, strays=True).run()

    assert report.word is Word.INCONCLUSIVE
    assert "any version but v2" in report.baseline.reason
    assert report.sent.canary == Sent(requests=2, errors=2)
    assert report.sent.baseline == Sent()


def test_a_journey_by_another_service_does_not_take_its_version_for_the_canarys():
    report = World(strays=True).run(ask(service="payments"))

    assert [report.canary.word, report.baseline.word] == [ArmWord.PASSED] * 2


def test_a_vault_that_does_not_answer_is_no_verdict_on_the_canary():
    world = World(vault_error=Unavailable("vault: no answer"))

    report = world.run()

    assert report.word is Word.PROVIDER_ERROR
    assert report.canary.word is ArmWord.UNREACHABLE
    assert "vault: no answer" in report.reason
    assert world.seen == []


@pytest.mark.parametrize(
    ("lacking", "error", "reason"),
    [
        ({"vault": {}}, TargetMissing, "there is nothing"),
        (
            {"vault": {"journeys/production/shop": {"other": SECRET}}},
            TargetMissing,
            "journeys/production/shop: it has no field 'token'",
        ),
        ({"under": None}, TargetMissing, "set secrets_under"),
        (
            {"vault": {"journeys/production/shop": {"token": "1234567"}}},
            Refused,
            "shorter than 8 characters",
        ),
    ],
)
def test_a_secret_that_cannot_be_had_is_refused_before_anything_is_sent(lacking, error, reason):
    world = World(**lacking)

    with pytest.raises(error, match=reason) as refused:
        world.run()

    assert world.seen == []
    assert "1234567" not in str(refused.value)


def test_an_unknown_connection_or_service_is_missing():
    with pytest.raises(TargetMissing, match="http/staging is not in this worker's settings"):
        World().run(ask(entrance=Provider(type="http", connection="staging")))
    with pytest.raises(TargetMissing, match="no address of service 'refunds'"):
        World().run(ask_of("refunds"))


def ask_of(service):
    journey = compile_journey("refunds", spec(service=service))
    return ask().model_copy(update={"journey": journey})


ENDLESS = {
    "steps": [{"name": f"step-{n}", "request": {"path": f"/{n}"}} for n in range(20)],
    "cleanup": [{"name": "undo", "request": {"method": "DELETE", "path": "/"}}],
    "secretRefs": {},
}


def stopped_by(stop):
    """Stopped in the first step of both versions, which is answered when that was noticed."""
    world, both = World(), threading.Barrier(2, timeout=10)

    def meanwhile(request):
        if request.url.path == "/0":
            both.wait()
            stop(world.environment)
            told = len(world.beats)
            eventually(lambda: len(world.beats) > told + 1)
            world.noticed.append(True)

    world.meanwhile = meanwhile
    return world


@pytest.mark.parametrize(
    ("stop", "error"),
    [
        (ActivityEnvironment.cancel, CancelledError),
        (ActivityEnvironment.worker_shutdown, Unavailable),
    ],
    ids=["cancelled", "worker shuts down"],
)
def test_a_journey_that_is_stopped_still_cleans_up_on_both_versions(stop, error):
    world = stopped_by(stop)

    with pytest.raises(error):
        world.run(ask(**ENDLESS))

    sent = [f"{request.method} {request.url.path}" for request in world.seen]
    assert sorted(sent) == ["DELETE /", "DELETE /", "GET /0", "GET /0"]
    assert world.noticed == [True, True]


def test_the_log_tells_words_and_no_secret():
    with structlog.testing.capture_logs() as logs:
        World(canary=500).run()

    (line,) = logs
    assert (line["event"], line["word"], line["canary"]) == ("journey_tried", "fail", "failed")
    assert SECRET not in str(logs)


def test_the_asks_sentence_is_one_for_operators():
    assert str(ask()) == "try journey checkout on checkout@production"
