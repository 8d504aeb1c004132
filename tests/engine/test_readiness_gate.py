"""A release that waits for its runbook's review and for go of every role."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.builders import a_catalog, a_release, a_runbook, an_order, build_of
from workflows.domain.admission.admission import admit
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.gates import GateRuling
from workflows.domain.gates.vote import Vote
from workflows.domain.names import readiness_id
from workflows.domain.readiness.readiness import ReadinessState
from workflows.domain.readiness.reviews import Review
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target, digest_of, short
from workflows.ports.reviews import RecordReview
from workflows.readiness import ReadinessWorkflow
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
OLD = build_of("checkout", "v1")
ASKED = {"roles": ["sre", "product"]}


@pytest.fixture(autouse=True)
def v1(world):
    world.serve(CHECKOUT, "v1")


def an_order_with_runbook(**changes):
    release = a_release()
    release["spec"]["rollback"] = {"runbookRef": "take-back"}
    catalog = a_catalog(gated=True, runbooks={"take-back": a_runbook(**changes)})
    return an_order(release, catalog)


def an_order_with_review(**changes):
    return an_order(
        catalog=a_catalog(gated=True, policy={"readinessReview": {**ASKED, **changes}})
    )


async def approve(started, by="ana"):
    digest = (await started.status()).decision_digest
    await started.handle.execute_update(ReleaseWorkflow.vote, Vote(voter=by, digest=digest))


def ruling(*, evidence):
    return GateRuling(
        environment="production", gate="tests", met=True, evidence=(digest_of(evidence),)
    )


def blocked(status, gate):
    """Why the release waits at *gate*, or nothing."""
    found = [blocker for blocker in status.blocked_by if blocker.gate.startswith(gate)]
    return found[0] if found else None


class TestReadiness:
    @pytest.fixture
    def review(self, client):
        """Ask the review of a release, and say something in it."""

        class Asked:
            def __init__(self, started):
                self.handle = client.get_workflow_handle_for(
                    ReadinessWorkflow.run, readiness_id(started.handle.id, "production")
                )

            async def view(self):
                return await self.handle.query(ReadinessWorkflow.status)

            async def until(self, reached):
                async with asyncio.timeout(20):
                    while True:
                        view = await self.view()
                        if reached(view):
                            return view
                        await asyncio.sleep(0.02)

            async def say(self, by, *, go=True, note=""):
                digest = (await self.view()).dossier
                word = Vote(voter=by, approved=go, digest=digest, note=note)
                return await self.handle.execute_update(ReadinessWorkflow.say, word)

        return Asked

    async def opened(self, started):
        return await started.until(
            lambda status: (
                (waits := blocked(status, "readiness")) is not None and waits.evidence != ()
            )
        )

    async def test_approval_and_go_of_every_role_let_it_go(self, start, world, review):
        started = await start(an_order_with_review())
        status = await self.opened(started)
        waits = blocked(status, "readiness")
        assert waits.owner == "sre (ana, ben), product (eve)"
        assert waits.clears_at is None
        await approve(started)

        await review(started).say("ben")
        status = await started.until(
            lambda s: (
                "product" in (blocked(s, "readiness") or waits).reason
                and "sre" not in (blocked(s, "readiness") or waits).reason
            )
        )
        assert status.phase is Phase.AWAITING_APPROVAL
        await review(started).say("eve")

        assert (await started.result()).phase is Phase.HEALTHY
        view = await review(started).handle.result()
        assert (view.state, view.round) == (ReadinessState.CLOSED, 1)

    async def test_the_dossier_tells_what_goes_and_is_sealed_in_the_ledger(
        self, start, world, review
    ):
        started = await start(an_order_with_review())
        status = await self.opened(started)

        (digest,) = blocked(status, "readiness").evidence

        sealed = world.reviews.dossiers[digest]
        assert (sealed.release, sealed.environment) == (started.handle.id, "production")
        assert f"decision `{status.decision_digest}`" in sealed.text
        assert "a better checkout (CHG-1)" in sealed.text
        assert "checkout@production: v2" in sealed.text

    async def test_a_no_go_holds_it_though_everybody_approved(self, start, world, review):
        started = await start(an_order_with_review())
        await self.opened(started)
        await approve(started)
        await review(started).say("eve")

        await review(started).say("ana", go=False, note="the pager is down")

        status = await started.until(
            lambda s: blocked(s, "readiness") and "no-go" in blocked(s, "readiness").reason
        )
        assert blocked(status, "readiness").reason == "ana says no-go: the pager is down"
        assert world.route(CHECKOUT).whole
        assert world.route(CHECKOUT).stable == OLD
        await review(started).say("ana")
        assert (await started.result()).phase is Phase.HEALTHY

    async def test_go_is_for_the_review_to_say_and_not_for_whoever_may_signal(
        self, start, world, review
    ):
        started = await start(an_order_with_review())
        await self.opened(started)
        await approve(started)
        forged = (await review(started).view()).model_copy(update={"state": ReadinessState.GO})
        ruled = len(world.decisions.asks)

        await started.handle.signal(ReleaseWorkflow.readiness_progressed, forged)
        for count in (0, 1):
            await started.handle.signal(ReleaseWorkflow.evidence_arrived)
            until = ruled + count
            status = await started.until(lambda _, n=until: len(world.decisions.asks) > n)

        assert status.phase is Phase.AWAITING_APPROVAL
        assert world.route(CHECKOUT).stable == OLD
        await review(started).say("eve")
        await review(started).say("ben")
        assert (await started.result()).phase is Phase.HEALTHY

    async def test_silence_holds_it_and_is_escalated(self, start, world, review):
        """Past the time of approvals and past the time that the review was given."""
        order = an_order_with_review(
            before="1s", remindAfter=None, escalateTo=[{"person": "ben", "after": "1s"}]
        )
        started = await start(order)
        await self.opened(started)
        await approve(started)

        status = await started.until(
            lambda s: blocked(s, "readiness") and blocked(s, "readiness").owner == "ben"
        )

        assert "could start by now" in blocked(status, "readiness").reason
        assert world.route(CHECKOUT).stable == OLD
        await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="enough"))
        assert (await started.result()).phase is Phase.CANCELLED
        assert (await review(started).handle.result()).state is ReadinessState.CLOSED

    async def test_a_change_right_before_the_start_opens_it_anew_with_the_difference(
        self, start, world, review
    ):
        world.decisions.gates["tests"] = ruling(evidence="the run of Monday")
        started = await start(an_order_with_review())
        await self.opened(started)
        await review(started).say("ben")
        await review(started).say("eve")
        await started.until(lambda s: blocked(s, "readiness") is None)

        world.decisions.gates["tests"] = ruling(evidence="the run of Tuesday")
        await approve(started)

        view = await review(started).until(lambda found: found.round == 2)
        assert (view.go, view.words) == (False, ())
        (gone, come) = view.difference
        assert short(digest_of("the run of Monday")) in gone
        assert short(digest_of("the run of Tuesday")) in come
        assert world.route(CHECKOUT).stable == OLD
        await approve(started)
        await review(started).say("ben")
        await review(started).say("eve")
        assert (await started.result()).phase is Phase.HEALTHY

    async def test_a_review_that_was_ended_from_outside_is_opened_once_more(
        self, start, world, review
    ):
        started = await start(an_order_with_review())
        await self.opened(started)
        first = await review(started).handle.describe()

        await review(started).handle.cancel()

        async with asyncio.timeout(20):
            while True:
                if (await review(started).handle.describe()).run_id != first.run_id:
                    break
                await asyncio.sleep(0.02)
        assert (await self.opened(started)).phase is Phase.AWAITING_APPROVAL


class TestProvenWords:
    """Where the policy asks who speaks, a word counts only with a token that stands for it."""

    @pytest.fixture
    async def opened(self, client, start, world):
        """In a release that ben asked for, as his token proves, under another name."""
        catalog = a_catalog(gated=True, identity="proven", policy={"readinessReview": ASKED})
        started = await start(
            an_order(catalog=catalog, requested_by="whoever"),
            proof=lambda statement: world.identity.issuer.token("ben", statement),
        )
        await started.until(
            lambda s: (waits := blocked(s, "readiness")) is not None and waits.evidence != ()
        )
        return client.get_workflow_handle_for(
            ReadinessWorkflow.run, readiness_id(started.handle.id, "production")
        )

    async def word_of(self, review, world, who, *, about=None):
        """A go of *who*, whose token stands for it, or for *about* where that differs."""
        view = await review.query(ReadinessWorkflow.status)
        word = Vote(digest=view.dossier)
        stated = word.statement(release=view.release, run=view.run, gate="readiness of production")
        stated = stated.model_copy(update=about or {})
        token = world.identity.issuer.token(who, stated)
        return word.model_copy(update={"proof": token})

    async def test_a_token_that_stands_for_the_word_makes_it_count(self, opened, world):
        word = await self.word_of(opened, world, "ana")

        view = await opened.execute_update(ReadinessWorkflow.say, word)

        (counted,) = view.words
        assert (counted.voter, counted.assurance, counted.proof) == ("ana", "proven", None)

    @pytest.mark.parametrize(
        "about", [{"gate": "production"}, {"release": "release/another"}, {"decision": "reject"}]
    )
    async def test_a_token_for_something_else_does_not(self, opened, world, about):
        """An approval is no go, a no-go is no go, and another release is another release."""
        word = await self.word_of(opened, world, "ana", about=about)

        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await opened.execute_update(ReadinessWorkflow.say, word)

        assert "asks for a proven identity" in refused.value.cause.message
        assert (await opened.query(ReadinessWorkflow.status)).words == ()

    async def test_who_proved_to_ask_for_the_release_cannot_say_go(self, opened, world):
        word = await self.word_of(opened, world, "ben")

        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await opened.execute_update(ReadinessWorkflow.say, word)

        assert "somebody else must say go" in refused.value.cause.message

    async def test_a_name_that_is_only_claimed_does_not(self, opened):
        digest = (await opened.query(ReadinessWorkflow.status)).dossier
        claims = Vote(voter="ana", digest=digest, assurance="proven")

        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await opened.execute_update(ReadinessWorkflow.say, claims)

        assert "asks for a proven identity" in refused.value.cause.message


class TestRunbook:
    def review(self, order, by, *, approved=True, note=""):
        return Review(
            runbook="take-back",
            digest=admit(order).plan.runbook.digest,
            reviewer=by,
            approved=approved,
            note=note,
            at=datetime.now(UTC),
        )

    def say(self, world, order, by, **said):
        review = self.review(order, by, **said)
        world.reviews.record_review(RecordReview(review=review, author="ana"))

    async def waits(self, started, *, reason):
        return await started.until(
            lambda s: (found := blocked(s, "runbook")) is not None and reason in found.reason
        )

    async def test_approval_opens_only_once_somebody_else_reviewed_it(self, start, world):
        order = an_order_with_runbook()
        started = await start(order)
        status = await self.waits(started, reason="0 of 1 reviews")
        assert blocked(status, "runbook").can_be_cleared_by == ("ben", "eve")
        with pytest.raises(WorkflowUpdateFailedError):
            await approve(started)

        self.say(world, order, "ben")
        await started.handle.signal(ReleaseWorkflow.evidence_arrived)
        await started.until(lambda s: blocked(s, "runbook") is None)
        await approve(started, by="ben")

        assert (await started.result()).phase is Phase.HEALTHY

    async def test_an_edit_voids_the_review(self, start, world):
        self.say(world, an_order_with_runbook(), "ben")

        started = await start(an_order_with_runbook(steps="Stop the imports. Then sleep."))

        await self.waits(started, reason="edited since ben reviewed it")
        with pytest.raises(WorkflowUpdateFailedError):
            await approve(started)

    async def test_the_authors_own_review_opens_nothing(self, start, world):
        order = an_order_with_runbook()
        with pytest.raises(PolicyViolated):
            self.say(world, order, "ana")
        started = await start(order)

        await self.waits(started, reason="0 of 1 reviews")

        assert [e.outcome for e in world.recorded("runbooks")] == ["refused"]

    async def test_a_rejection_that_comes_later_closes_it_again(self, start, world):
        order = an_order_with_runbook()
        self.say(world, order, "ben")
        started = await start(order)
        await started.until(lambda s: blocked(s, "approval") is not None)
        assert blocked(await started.status(), "runbook") is None

        self.say(world, order, "eve", approved=False, note="step 2 loses orders")
        await started.handle.signal(ReleaseWorkflow.evidence_arrived)

        await self.waits(started, reason="eve rejects it: step 2 loses orders")
        with pytest.raises(WorkflowUpdateFailedError):
            await approve(started)
