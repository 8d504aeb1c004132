"""The command line against releases that really run, from the words typed to the exit code."""

import asyncio
import json
from functools import partial

import pytest

from starters import starting, steering
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.releases import read
from tests.builders import (
    CANARY,
    a_catalog,
    a_release,
    a_runbook,
    a_service,
    an_order,
    analysis,
    build_of,
)
from workflows.domain.canary.watch import Cause
from workflows.domain.names import release_id
from workflows.domain.release.commands import Command
from workflows.domain.release.phase import Phase
from workflows.domain.values import Target, digest_of
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
LONG = (*CANARY[:2], analysis("8h"), *CANARY[3:])


@pytest.fixture
def v1(world):
    for service in ("checkout", "payments", "inventory"):
        for environment in ("staging", "production"):
            world.serve(Target(service=service, environment=environment), "v1")


@pytest.fixture
def on_this_queue(queue, monkeypatch):
    """What the command line starts goes to the test's own worker."""
    monkeypatch.setattr(steering.roll_back, "__kwdefaults__", {"queue": queue})


@pytest.fixture
async def waiting(start, v1):
    started = await start(an_order(catalog=a_catalog(gated=True)))
    await started.until_phase(Phase.AWAITING_APPROVAL)
    return started


@pytest.fixture
async def stuck(start, world, v1):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    world.traffic.stuck.add(CHECKOUT)
    started = await start()
    await started.until_phase(Phase.ROLLBACK_INCOMPLETE)
    return started


async def test_watch_follows_a_release_to_its_end_a_line_per_change(start, v1, lockgate):
    started = await start()

    code, out, _ = await lockgate("watch", started.handle.id)

    assert code == ExitCode.OK
    assert "phase=Healthy" in out
    assert "target=checkout@production" in out


async def test_a_release_that_went_back_exits_with_20(start, world, v1, lockgate):
    world.metrics.error_ratio[CHECKOUT] = 0.4
    started = await start()
    await started.result()

    code, out, _ = await lockgate("status", started.handle.id)
    watched, lines, _ = await lockgate("watch", started.handle.id, "--fail-on", "21")

    found = (await started.status()).detection

    assert code == ExitCode.ROLLED_BACK
    assert "RolledBack" in out
    assert (found.cause, found.metric) == (Cause.JUDGE, "error-rate")
    assert found.exposed_at <= found.decided_at <= found.back_at
    assert found.failed > 0
    assert "after the first users met it, back at 0 %" in " ".join(out.split())
    assert "detected=checkout@production by=judge metric=error-rate" in lines
    assert watched == ExitCode.OK
    assert "outcome=done" in lines


async def test_while_a_stage_is_watched_its_promotion_is_asked(client, start, world, v1, lockgate):
    """The release is told news only: how long the stage is planned to last is not among them."""
    world.metrics.still = True
    started = await start()
    view = await watched(client, started)
    code, out, _ = await lockgate("status", started.handle.id)
    world.metrics.still = False
    await started.result()

    assert view.watch.planned_seconds == 1800
    assert code == ExitCode.OK
    assert "watched 0 s of 30 min, 30 min left" in " ".join(out.split())


async def watched(client, started):
    """The one target of the release, as the command line reads it, once it is watched."""
    async with asyncio.timeout(20):
        while True:
            views = (await read(client, started.handle.id)).targets
            if views and views[0].watch is not None:
                return views[0]
            await asyncio.sleep(0.02)


async def test_watch_ends_at_a_phase_that_it_shall_fail_on(waiting, lockgate):
    code, out, _ = await lockgate("watch", waiting.handle.id, "--fail-on", "11")

    assert code == ExitCode.AWAITING_APPROVAL
    assert 'blocked="approval of production"' in out


async def test_watch_times_out_and_the_release_goes_on(waiting, lockgate):
    code, _, err = await lockgate("watch", waiting.handle.id, "--timeout", "50ms")

    assert code == ExitCode.TIMED_OUT
    assert "it continues" in err
    assert (await waiting.status()).phase == Phase.AWAITING_APPROVAL


async def test_an_approval_shows_what_it_approves_and_opens_the_gate(waiting, lockgate):
    code, out, err = await lockgate("approve", waiting.handle.id, "--by", "ana")

    assert (code, err) == (ExitCode.OK, "")
    assert "a better checkout (CHG-1), asked for by carl" in out
    assert (await waiting.status()).decision_digest in out
    assert "ana (asserted) approves" in out
    assert "gate of production: approved" in out
    assert (await waiting.result()).phase == Phase.HEALTHY


async def test_a_vote_that_does_not_count_says_why_and_exits_with_10(waiting, lockgate):
    stranger = await lockgate("approve", waiting.handle.id, "--by", "zoe")
    requester = await lockgate("approve", waiting.handle.id, "--by", "carl")
    other = digest_of("something else")
    stale = await lockgate("approve", waiting.handle.id, "--by", "ana", "--digest", other)

    assert stranger[0] == requester[0] == stale[0] == ExitCode.DENIED
    assert "holds none of the roles" in stranger[2]
    assert "asked for this release" in requester[2]
    assert f"the vote is about {other}" in stale[2]


async def test_a_rejection_denies_the_release(waiting, lockgate):
    code, out, _ = await lockgate("reject", waiting.handle.id, "--reason", "no runbook")

    assert code == ExitCode.OK
    assert "gate of production: rejected" in out
    assert (await waiting.result()).phase == Phase.DENIED


async def test_hold_and_resume_reach_the_release_with_name_and_reason(start, v1, lockgate):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.exposure.weight_asked == 10)

    await lockgate("hold", started.handle.id, "--reason", "lunch")
    await started.until_phase(Phase.HOLDING)
    code, out, _ = await lockgate("status", started.handle.id)
    await lockgate("resume", started.handle.id)
    await lockgate("abort", started.handle.id, "--reason", "wrong build")
    outcome = await started.result()

    assert code == ExitCode.HOLDING
    assert "lunch" in out
    assert outcome.phase == Phase.CANCELLED
    assert "aborted by ana: wrong build" in outcome.reason


async def test_a_command_to_a_release_that_ended_is_refused(start, v1, lockgate):
    started = await start()
    await started.result()

    code, _, err = await lockgate("hold", started.handle.id)

    assert code == ExitCode.USAGE
    assert f"there is nothing to hold: {started.handle.id} ended as Healthy" in err


async def test_a_healthy_release_can_be_rolled_back_after_its_end(
    start, world, v1, lockgate, on_this_queue
):
    started = await start()
    await started.result()

    code, out, _ = await lockgate("rollback", started.handle.id, "--reason", "orders are lost")
    watched, lines, _ = await lockgate("watch", started.handle.id)
    again, _, err = await lockgate("rollback", started.handle.id, "--reason", "once more")

    assert (code, watched, again) == (ExitCode.OK, ExitCode.ROLLED_BACK, ExitCode.USAGE)
    assert "it was healthy" in out
    assert "phase=RolledBack" in lines
    assert world.route(CHECKOUT).stable == build_of("checkout", "v1")
    assert "is RolledBack" in err


async def test_an_incomplete_rollback_exits_with_21_and_says_what_to_do(stuck, world, lockgate):
    code, _, err = await lockgate("watch", stuck.handle.id)
    world.traffic.stuck.clear()
    retried, _, _ = await lockgate("retry", stuck.handle.id, "--reason", "Envoy is back")

    assert code == ExitCode.ROLLBACK_INCOMPLETE
    assert "lockgate retry" in err
    assert retried == ExitCode.OK
    assert (await stuck.result()).phase == Phase.ROLLED_BACK


async def test_a_terminated_release_says_that_it_is_not_put_back(start, v1, lockgate):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda s: s.exposure.weight_asked == 10)
    await started.handle.terminate("a mistake")

    code, out, _ = await lockgate("status", started.handle.id)

    assert code == ExitCode.ROLLBACK_INCOMPLETE
    assert "terminated from outside" in out
    assert "lockgate sweep --now" in out


async def test_status_as_json_has_the_words_of_the_status_object(waiting, lockgate):
    _, out, _ = await lockgate("status", waiting.handle.id, "-o", "json")
    _, yaml, _ = await lockgate("status", waiting.handle.id, "-o", "yaml")

    status = json.loads(out)
    assert status["phase"] == "AwaitingApproval"
    assert status["blockedBy"][0]["canBeClearedBy"] == ["ana (sre)", "ben (sre)"]
    assert "phase: AwaitingApproval" in yaml


async def test_an_unknown_release_is_a_mistake_not_a_crash(client, lockgate):
    code, _, err = await lockgate("status", "nowhere-1")

    assert code == ExitCode.USAGE
    assert "no release 'nowhere-1' in namespace default" in err


async def test_history_tells_the_steps_of_the_release_and_its_children(start, v1, lockgate):
    started = await start()
    await started.result()

    code, out, _ = await lockgate("history", started.handle.id)
    _, as_json, _ = await lockgate("history", started.handle.id, "-o", "json")

    assert code == ExitCode.OK
    assert "admit shop, asked for by carl" in out
    assert "install checkout v2" in out
    where = {step["story"] for step in json.loads(as_json)}
    assert f"{started.handle.id}/production/checkout" in where


async def test_events_and_audit_read_the_record_through_a_worker(start, v1, lockgate, world):
    started = await start()
    await started.result()

    code, out, _ = await lockgate("events", started.handle.id)
    followed = await lockgate("events", started.handle.id, "--follow", "-o", "json")
    audited, said, _ = await lockgate("audit", "verify", started.handle.id)

    assert (code, audited) == (ExitCode.OK, ExitCode.OK)
    assert "every stage was healthy" in out
    assert len(followed[1].splitlines()) == len(out.splitlines())
    assert "intact" in said


class TestStart:
    """The same content is the same release."""

    @pytest.fixture
    def order(self, request):
        """Content of this test's own, since the id is made of it."""
        release = a_release(a_service("checkout"), name=f"shop-{abs(hash(request.node.name))}")
        return an_order(release, a_catalog(gated=True))

    @pytest.fixture
    def begin(self, client, queue, worker, v1):
        return partial(starting.start, client, queue=queue)

    async def test_it_is_started_once_and_found_by_its_name(self, client, begin, order, lockgate):
        first = await begin(order)
        second = await begin(order)
        code, out, _ = await lockgate("watch", order.name, "--fail-on", "11")
        await lockgate("approve", order.name, "--by", "ana")
        await asyncio.wait_for(client.get_workflow_handle(first.release).result(), 20)

        assert first.release == second.release == release_id(order.name, order.manifest_digest)
        assert (first.fresh, second.fresh) == (True, False)
        assert code == ExitCode.AWAITING_APPROVAL
        assert f"release={order.name}" in out

    async def test_what_was_denied_starts_only_again(self, client, begin, order):
        first = await begin(order)
        handle = client.get_workflow_handle_for(ReleaseWorkflow.run, first.release)
        await handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="not yet"))
        await asyncio.wait_for(handle.result(), 20)

        refused = await begin(order)
        fresh = await begin(order, again=True)
        await client.get_workflow_handle(fresh.release).terminate("the test is over")

        assert not refused.fresh
        assert refused.earlier is not None
        assert refused.earlier.phase == Phase.CANCELLED
        assert "--again" in refused.notes[0]
        assert fresh.fresh

    async def test_it_can_be_listed_by_what_it_is_about(self, client, begin, order, lockgate):
        begun = await begin(order)
        async with asyncio.timeout(10):
            while begun.release not in (out := (await lockgate("list", "-o", "json"))[1]):
                pass
        (row,) = [row for row in json.loads(out) if row["release"] == begun.release]
        await client.get_workflow_handle(begun.release).terminate("the test is over")

        assert row["services"] == ["checkout"]
        assert row["environments"] == ["production"]
        assert row["requestedBy"] == "carl"

    async def test_what_still_runs_is_not_started_again(self, client, begin, order):
        begun = await begin(order)

        with pytest.raises(CommandFailed, match="still runs"):
            await begin(order, again=True)

        await client.get_workflow_handle(begun.release).terminate("the test is over")


class TestReadiness:
    """Go and no-go, with the dossier that they are about, typed at the command line."""

    @pytest.fixture
    async def asked(self, start, v1):
        policy = {"readinessReview": {"roles": ["sre", "product"]}}
        started = await start(an_order(catalog=a_catalog(gated=True, policy=policy)))
        await started.until(
            lambda status: any(
                blocker.gate.startswith("readiness") and blocker.evidence
                for blocker in status.blocked_by
            )
        )
        return started

    async def test_show_prints_the_dossier_as_it_was_sealed(self, asked, lockgate):
        code, out, _ = await lockgate("readiness", "show", asked.handle.id)
        _, told, _ = await lockgate("readiness", "show", asked.handle.id, "-o", "json")

        assert code == ExitCode.OK
        assert "## Readiness of shop for production: Open" in out
        assert "checkout@production: v2" in out
        assert digest_of(json.loads(told)["text"]) == json.loads(told)["dossier"]

    async def test_words_hold_it_and_let_it_go(self, asked, lockgate):
        held = await lockgate("readiness", "no-go", asked.handle.id, "--note", "pager is down")
        await lockgate("approve", asked.handle.id)
        status = await asked.until(
            lambda s: any("no-go" in blocker.reason for blocker in s.blocked_by)
        )
        went = await lockgate("readiness", "go", asked.handle.id)
        last = await lockgate("readiness", "go", asked.handle.id, "--by", "eve")

        assert status.phase == Phase.AWAITING_APPROVAL
        assert "ana says no-go: pager is down" in held[1]
        assert "no go yet of product" in went[1]
        assert "production: Go: go by ana, eve" in last[1]
        assert (await asked.result()).phase == Phase.HEALTHY

    async def test_a_word_that_does_not_count_says_why_and_exits_with_10(self, asked, lockgate):
        code, _, err = await lockgate("readiness", "go", asked.handle.id, "--by", "zoe")
        stale = await lockgate(
            "readiness", "go", asked.handle.id, "--dossier", digest_of("another")
        )

        assert code == stale[0] == ExitCode.DENIED
        assert "holds none of the roles" in err
        assert "read it again" in stale[2]

    async def test_a_release_without_a_review_says_so(self, waiting, lockgate):
        code, _, err = await lockgate("readiness", "show", waiting.handle.id)

        assert code == ExitCode.USAGE
        assert "has no readiness review" in err


class TestRunbook:
    """A runbook in a catalog's folder, reviewed from the command line."""

    @pytest.fixture
    def folder(self, tmp_path):
        document = {
            "apiVersion": "lockgate.dev/v1alpha1",
            "kind": "Runbook",
            "metadata": {"name": "take-back"},
            "spec": a_runbook(),
        }
        people = [
            {
                "apiVersion": "lockgate.dev/v1alpha1",
                "kind": "Person",
                "metadata": {"name": name},
                "spec": {"roles": ["sre"]},
            }
            for name in ("ana", "ben")
        ]
        text = "\n---\n".join(json.dumps(one) for one in (document, *people))
        (tmp_path / "runbooks.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    @pytest.fixture
    def runbook(self, lockgate, folder, worker):
        async def typed(*words):
            return await lockgate("runbook", *words, "--catalog", str(folder))

        return typed

    async def test_the_review_of_somebody_else_is_recorded_and_shown(self, runbook, world):
        code, out, err = await runbook(
            "review", "take-back", "--approve", "--by", "ben", "--note", "tried it"
        )
        _, shown, _ = await runbook("show", "take-back")

        assert (code, err) == (ExitCode.OK, "")
        assert "recorded: ben approves of runbook take-back" in out
        assert "ben approves of runbook take-back" in shown
        assert "(asserted): tried it" in shown
        assert [e.outcome for e in world.recorded("runbooks")] == ["approved"]

    async def test_the_authors_own_review_is_refused_and_exits_with_10(self, runbook, world):
        code, _, err = await runbook("review", "take-back", "--approve", "--by", "ana")

        assert code == ExitCode.DENIED
        assert "somebody else has to read it" in err
        assert [e.outcome for e in world.recorded("runbooks")] == ["refused"]

    async def test_a_review_is_of_what_was_read(self, runbook, world):
        code, _, err = await runbook(
            "review", "take-back", "--approve", "--by", "ben", "--digest", digest_of("another")
        )

        assert code == ExitCode.USAGE
        assert "read it again" in err
        assert world.recorded("runbooks") == []

    async def test_a_rejection_says_why(self, runbook):
        code, _, err = await runbook("review", "take-back", "--reject", "--by", "ben")

        assert code == ExitCode.USAGE
        assert "--note" in err

    async def test_a_rehearsal_is_recorded(self, runbook, world):
        code, out, _ = await runbook("rehearse", "take-back", "--failed", "--by", "ben")

        assert code == ExitCode.OK
        assert "it did not work" in out
        assert [e.outcome for e in world.recorded("runbooks")] == ["failed"]

    async def test_lint_lists_what_is_in_order_and_names_what_is_not(self, runbook, folder):
        code, out, _ = await runbook("lint")
        (folder / "more.yaml").write_text("kind: Runbok\n", encoding="utf-8")
        broken = await runbook("lint")

        assert (code, broken[0]) == (ExitCode.OK, ExitCode.USAGE)
        assert "take-back" in out
        assert "Runbook" in broken[1]
