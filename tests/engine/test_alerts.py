"""Alerts told to releases that really run: who is found, told once, and what makes it fail."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from infra.temporal import TemporalUnreachable
from starters.alerts import alert_delivery
from starters.alerts.alert_delivery import AlertDelivery, NotDelivered
from tests.builders import CANARY, a_catalog, a_release, an_order, analysis, build_of
from workflows.domain.release.commands import Alert
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target, arm_name
from workflows.domain.watching.alerting import LabelNames

LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])
NEW, OLD = (arm_name("checkout", build_of("checkout", version)) for version in ("v2", "v1"))


@pytest.fixture(autouse=True)
def v1(world):
    for environment in ("staging", "production"):
        world.serve(Target(service="checkout", environment=environment), "v1")


@pytest.fixture
def deliver(client):
    async def connect():
        return client

    return AlertDelivery(connect, LabelNames())


@pytest.fixture
async def shifting(start):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    return started


def an_alert(fingerprint="ab", **labels):
    return Alert(
        name="ErrorsHigh",
        summary="40 % of requests fail",
        labels={"environment": "production", "service": "checkout", **labels},
        fingerprint=fingerprint,
        starts_at=datetime.now(UTC) + timedelta(seconds=1),
    )


async def told(deliver, alert, release):
    """Deliver until visibility has found the release; it lags behind by a moment."""
    async with asyncio.timeout(10):
        while True:
            if release in {one.release for one in await deliver([alert])}:
                return
            await asyncio.sleep(0.02)


async def found(client, release):
    """Wait until visibility shows the release, so that not telling it is a decision."""
    async with asyncio.timeout(10):
        while True:
            search = await alert_delivery._open_releases(client, "production")
            if release in {execution.id for execution, _ in search}:
                return
            await asyncio.sleep(0.02)


async def test_a_release_that_shifts_the_service_is_turned_back_with_the_alert_as_reason(
    deliver, shifting, world
):
    await told(deliver, an_alert(arm=NEW), shifting.handle.id)
    outcome = await shifting.result()

    assert outcome.phase == Phase.ROLLED_BACK
    assert "40 % of requests fail" in outcome.reason
    (entry,) = (e for e in world.recorded(shifting.handle.id) if e.action == "alert")
    assert Alert.model_validate_json(entry.detail).fingerprint == "ab"


async def test_what_is_told_again_is_not_told_twice(deliver, shifting, client, world):
    """Another process, too, that knows nothing of the first one's."""

    async def connect():
        return client

    alert = an_alert()
    await told(deliver, alert, shifting.handle.id)
    await AlertDelivery(connect, LabelNames())([alert])
    await deliver([alert])
    await shifting.result()

    entries = [e for e in world.recorded(shifting.handle.id) if e.action == "alert"]
    assert len(entries) == 1


@pytest.mark.parametrize(
    "labels",
    [{"service": "payments"}, {"environment": "staging"}, {"arm": OLD}, {"service": ""}],
)
async def test_an_alert_about_something_else_leaves_it_alone(client, deliver, shifting, labels):
    await found(client, shifting.handle.id)

    answer = await deliver([an_alert(**labels)])

    assert shifting.handle.id not in {one.release for one in answer}
    assert (await shifting.status()).phase == Phase.PROGRESSING


async def test_a_release_at_its_gate_is_not_turned_back(client, deliver, start):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    await found(client, started.handle.id)

    await deliver([an_alert()])

    assert (await started.status()).phase == Phase.AWAITING_APPROVAL


async def test_what_is_promoted_counts_while_the_next_environment_waits(deliver, start):
    release = a_release(environments=("staging", "production"))
    started = await start(an_order(release, catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)

    await told(deliver, an_alert(environment="staging"), started.handle.id)

    assert (await started.result()).phase == Phase.ROLLED_BACK


async def test_a_release_that_does_not_answer_is_asked_again_later(
    client, deliver, shifting, monkeypatch
):
    async def silent(*_):
        return None

    await found(client, shifting.handle.id)
    monkeypatch.setattr(alert_delivery, "_status", silent)

    with pytest.raises(NotDelivered, match="does not answer"):
        await deliver([an_alert()])


async def test_a_temporal_that_is_down_is_told_and_tried_again(client):
    answers = [TemporalUnreachable("nobody there"), client]

    async def connect():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    deliver = AlertDelivery(connect, LabelNames())

    with pytest.raises(NotDelivered, match="nobody there"):
        await deliver([an_alert()])
    assert isinstance(await deliver([an_alert(environment="nowhere")]), tuple)


async def test_what_the_server_refuses_is_not_delivered(client):
    async def connect():
        return Client(client.service_client, namespace="no-such-namespace")

    with pytest.raises(NotDelivered, match="Temporal refuses"):
        await AlertDelivery(connect, LabelNames())([an_alert()])


async def test_a_temporal_that_does_not_answer_is_not_waited_for(monkeypatch):
    async def never():
        await asyncio.Event().wait()

    monkeypatch.setattr(alert_delivery, "WITHIN", timedelta(milliseconds=20))

    with pytest.raises(NotDelivered, match="did not answer"):
        await AlertDelivery(never, LabelNames())([an_alert()])


async def test_an_alert_that_names_no_target_asks_nobody():
    async def connect():
        raise AssertionError

    assert await AlertDelivery(connect, LabelNames())([Alert(name="Watchdog")]) == ()
