"""Who asks for a release proves it, or the policy lets nobody in."""

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import a_catalog, an_order, build_of
from workflows.domain.gates.vote import Vote
from workflows.domain.release.phase import Phase
from workflows.release import ReleaseWorkflow

PIPELINE = {"actor": "ana-octo", "repository": "acme/shop"}


def order(**more):
    catalog = a_catalog(gated=True, identity="proven", **more)
    catalog["people"]["ana"]["accounts"]["ci"] = ["ana-octo@ci", "renovate[bot]@ci"]
    return an_order(catalog=catalog, requested_by="whoever")


async def test_whom_the_token_proves_asks_whatever_the_order_says(start, world):
    started = await start(order(), proof=lambda stated: world.identity.issuer.token("ana", stated))

    status = await started.until_phase(Phase.AWAITING_APPROVAL)

    assert (status.requested_by, status.requested) == ("ana", "proven")
    assert status.blocked_by[0].can_be_cleared_by == ("ben (sre)",)


async def test_without_a_token_the_policy_lets_nobody_start(start, world):
    started = await start(order())
    outcome = await started.result()

    assert outcome.phase == Phase.DENIED
    assert "whoever only asserts to have asked" in outcome.reason


@pytest.mark.parametrize("actor", ["ana-octo", "renovate[bot]"])
async def test_a_pipeline_asks_in_the_name_of_whoever_answers_for_it(start, world, actor):
    def token(stated):
        return world.identity.pipelines.sign(
            world.identity.pipelines.claims("run 7", **{**PIPELINE, "actor": actor})
        )

    started = await start(order(), proof=token)

    status = await started.until_phase(Phase.AWAITING_APPROVAL)
    assert (status.requested_by, status.requested) == ("ana", "proven")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"actor": "dependabot[bot]"}, "ci:dependabot[bot]@ci is nobody whom the catalog"),
        ({"repository": "mallory/shop"}, "repository is 'mallory/shop', expected 'acme/shop'"),
        ({"actor": None}, "actor names nobody"),
        ({"aud": "another"}, "expected"),
        ({"exp": 1}, "expired"),
    ],
)
async def test_a_pipeline_that_nobody_answers_for_starts_nothing(start, world, claims, why):
    ci = world.identity.pipelines
    token = ci.sign(ci.claims("run 7", **{**PIPELINE, **claims}))

    outcome = await (await start(order(), proof=lambda _: token)).result()

    assert outcome.phase == Phase.DENIED
    assert why in outcome.reason


@pytest.mark.parametrize(
    "about", [{"release": "release/another"}, {"digest": build_of("x", "1")}, {"terms": {}}]
)
async def test_a_token_for_another_order_starts_nothing(start, world, about):
    def token(stated):
        return world.identity.issuer.token("ana", stated.model_copy(update=about))

    outcome = await (await start(order(), proof=token)).result()

    assert outcome.phase == Phase.DENIED
    assert "stands for another statement" in outcome.reason


async def test_a_pipeline_s_token_approves_nothing(start, world):
    """It has no nonce: it proves who began a pipeline, and not what anybody decided."""
    ci = world.identity.pipelines
    started = await start(order(), proof=lambda _: ci.sign(ci.claims("run 7", **PIPELINE)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    status = await started.status()
    ballot = Vote(
        digest=status.decision_digest,
        proof=ci.sign(ci.claims("run 8", **{**PIPELINE, "actor": "ana-octo"})),
    )

    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await started.handle.execute_update(ReleaseWorkflow.vote, ballot)

    assert "a person decides" in failed.value.cause.message


async def test_the_token_that_started_a_release_is_in_no_later_question(start, world):
    tokens = []

    def token(stated):
        tokens.append(world.identity.issuer.token("ana", stated))
        return tokens[-1]

    started = await start(order(), proof=token)
    await started.until_phase(Phase.AWAITING_APPROVAL)

    held = [
        event.WhichOneof("attributes")
        async for event in started.handle.fetch_history_events()
        if tokens[0].encode() in event.SerializeToString()
    ]
    assert held == [
        "workflow_execution_started_event_attributes",
        "activity_task_scheduled_event_attributes",
    ]
