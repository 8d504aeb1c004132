"""What would be ruled on a release that nobody has started, by the release's own steps."""

from datetime import timedelta

from starters.planning import foreseeing
from starters.planning.foreseeing import foreseen
from tests.builders import an_order
from tests.workflows.domain.rules.ruled import a_ruled_order
from workflows.domain.values import Target

CHECKOUT = Target(service="checkout", environment="production")


async def test_the_ruling_is_the_one_that_the_release_would_get(client, start, world, queue):
    world.serve(CHECKOUT, "v1")
    found = await foreseen(client, an_order(), queue=queue)

    started = await start(an_order())
    status = await started.until(lambda status: status.decision_digest is not None)

    assert found.unread == ""
    assert found.admission.decision_digest == status.decision_digest


async def test_nothing_is_kept_of_it(client, worker, world, queue):
    found = await foreseen(client, a_ruled_order('deny contains "not today"'), queue=queue)

    assert len(found.admission.denials) == 1
    assert world.decision_log.kept == {}
    assert world.audit.links == {}


async def test_documents_that_are_refused_are_told(client, worker, queue):
    order = an_order().model_copy(update={"manifest_digest": f"sha256:{'0' * 64}"})

    found = await foreseen(client, order, queue=queue)

    assert found.admission is None
    assert found.refused.startswith("manifest digest")


async def test_without_a_worker_it_is_ruled_by_the_documents_and_said_so(
    client, queue, monkeypatch
):
    monkeypatch.setattr(foreseeing, "_TAKEN_WITHIN", timedelta(milliseconds=200))

    found = await foreseen(client, a_ruled_order('deny contains "not today"'), queue=queue)

    assert "no worker answers on the queue `stories`" in found.unread
    assert len(found.admission.denials) == 1
