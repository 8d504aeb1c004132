"""A release in a bank: people prove who they are, and each of them can only do their own part."""

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tomli_w

from examples.shop.build import build
from starters import steering
from starters.failures import CommandFailed
from starters.identity.signing_in import TOKEN_FILE_VARIABLE, prove
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.governed_shop import GovernedShop, Source
from tests.e2e.live_shop import ROOT, LiveRelease, LiveShop, until
from workflows.domain.gates.vote import Vote
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import ReleaseStatus

ONE_SRE = {"approvals": {"require": [{"role": "sre"}], "expireAfter": "10m"}}
TWO_SRE = {"approvals": {"require": [{"role": "sre", "count": 2}], "expireAfter": "10m"}}


@pytest.fixture(scope="module")
def governed_site(first_shop: LiveShop, tmp_path_factory: pytest.TempPathFactory) -> GovernedShop:
    """The live shop with a repository, and three people who are signed in."""
    folder = tmp_path_factory.mktemp("governed")
    source = Source(folder / "source")
    source.begin()
    settings = first_shop.site.home.settings
    written = tomllib.loads(settings.read_text("utf-8"))
    copies = {"type": "git", "url": str(source.folder), "work_dir": str(folder / "copies")}
    written["repositories"] = {"shop": copies}
    settings.write_text(tomli_w.dumps(written), "utf-8")
    first_shop.kill("worker")  # the next one reads the settings anew
    governed = GovernedShop(first_shop, folder, source)
    governed.sign_in("ana", "ben", "eve")
    return governed


@pytest.fixture
def governed(shop: LiveShop, governed_site: GovernedShop) -> GovernedShop:
    return governed_site


async def test_an_author_may_not_approve_and_a_second_person_may(governed: GovernedShop):
    folder = governed.govern("author", ONE_SRE)
    version = governed.shop.other_good("checkout")
    file = governed.write(folder, "author", {"checkout": version}, author="ana")

    release = governed.start(file, by="eve")
    await release.until_phase(Phase.AWAITING_APPROVAL)
    barred = governed.refused("ana", "approve", "author", "--note", "my own work is fine")
    asked = governed.refused("eve", "approve", "author", "--note", "I asked for it")
    governed.told("ben", "approve", "author", "--note", "read every line")
    outcome = await release.ended()

    assert "ana wrote" in barred
    assert "cannot decide on it" in barred
    assert "eve asked for this release and cannot decide on it" in asked
    assert outcome.phase is Phase.HEALTHY
    (vote,) = (await release.status()).votes
    assert (vote.voter, vote.assurance, vote.note) == ("ben", "proven", "read every line")
    assert vote.proof is None
    assert governed.shop.serves("checkout") == version
    refusals = _refusals(governed, "author")
    assert {entry["actor"] for entry in refusals} >= {"ana", "eve"}
    await assert_at_rest(governed.shop, release)


async def test_a_token_that_served_one_release_serves_no_other(governed: GovernedShop):
    folder = governed.govern("replay", ONE_SRE)
    first = governed.start(governed.write(folder, "replay-1", {"checkout": "v2"}))
    second = governed.start(governed.write(folder, "replay-2", {"checkout": "v2"}))
    vote = await _proven_vote(governed, first, "ben")
    status = await second.until_phase(Phase.AWAITING_APPROVAL)

    moved = vote.model_copy(update={"digest": status.decision_digest})
    with pytest.raises(CommandFailed, match="another statement"):
        await steering.vote(governed.shop.client, second.id, moved)

    assert (await second.status()).votes == ()
    await until(lambda: asyncio.to_thread(_refusals, governed, "replay-2"), bool)
    for release in (first, second):
        governed.told("ben", "reject", release.name, "--reason", "it was a test")
        assert (await release.ended()).phase is Phase.DENIED
    await assert_at_rest(governed.shop, first, second)


async def test_another_build_under_the_same_name_has_no_approval(governed: GovernedShop):
    folder = governed.govern("swap", ONE_SRE)
    approved = governed.start(governed.write(folder, "swap", {"checkout": "v2"}))
    looked_at = await approved.until_phase(Phase.AWAITING_APPROVAL)
    governed.told("ben", "reject", "swap", "--reason", "not this one")
    assert (await approved.ended()).phase is Phase.DENIED

    swapped = governed.start(governed.write(folder, "swap", {"checkout": "v3"}))
    await swapped.until_phase(Phase.AWAITING_APPROVAL)
    told = governed.refused(
        "ben", "approve", "swap", "--digest", looked_at.decision_digest, "--note", "as agreed"
    )

    assert "look at the plan again" in told
    assert (await swapped.status()).votes == ()
    governed.told("ben", "reject", "swap", "--reason", "it was exchanged")
    assert (await swapped.ended()).phase is Phase.DENIED
    await assert_at_rest(governed.shop, swapped)


async def test_what_arrives_after_an_approval_voids_it_and_is_shown(
    governed: GovernedShop, tmp_path: Path
):
    criteria = [{"name": "tests", "evidence": "test-result", "minTests": 2}]
    folder = governed.govern("evidence", {**TWO_SRE, "criteria": criteria})
    version = governed.shop.other_good("checkout")
    release = governed.start(governed.write(folder, "evidence", {"checkout": version}))
    before = await release.until_phase(Phase.AWAITING_APPROVAL)
    governed.told("ana", "approve", "evidence", "--note", "before the tests ran")

    report = tmp_path / "junit.xml"
    report.write_text(_JUNIT, encoding="utf-8")
    digest = build("checkout", version).digest
    governed.told("eve", "evidence", "add", str(report), "--artifact", digest)
    after = await release.until(lambda status: status.decision_digest != before.decision_digest)

    assert after.votes == ()
    voided = [e for e in _entries(governed, "evidence") if "void" in json.dumps(e)]
    assert voided, "nobody says that the approval is void"
    assert "tests" in json.dumps(voided)
    for name in ("ana", "ben"):
        governed.told(name, "approve", "evidence", "--note", "with the tests")
    assert (await release.ended()).phase is Phase.HEALTHY
    await assert_at_rest(governed.shop, release)


async def test_an_emergency_takes_two_people_now_and_a_look_back_later(governed: GovernedShop):
    folder = governed.govern("emergency", TWO_SRE)
    version = governed.shop.other_good("checkout")
    file = governed.write(folder, "emergency", {"checkout": version}, emergency=True)

    release = governed.start(file)
    await release.until_phase(Phase.AWAITING_APPROVAL)
    governed.told("ana", "approve", "emergency", "--note", "customers cannot pay")
    assert (await release.status()).phase is Phase.AWAITING_APPROVAL
    governed.told("ben", "approve", "emergency", "--note", "customers cannot pay")
    assert (await release.ended()).phase is Phase.HEALTHY

    assert release.id in _owed(governed)
    finding = "the pool was too small"
    governed.told(
        "ana", "retrospective", "close", "emergency", "--finding", finding, "--by", "ana"
    )
    assert release.id not in _owed(governed)
    await assert_at_rest(governed.shop, release)


async def test_a_no_go_holds_until_the_same_person_says_go(governed: GovernedShop):
    review = {"before": "24h", "roles": ["sre", "product"]}
    folder = governed.govern("ready", {**ONE_SRE, "readinessReview": review})
    version = governed.shop.other_good("checkout")

    release = governed.start(governed.write(folder, "ready", {"checkout": version}), by="ana")
    await release.until(lambda status: _waits_at(status, "readiness"))
    governed.told("ben", "approve", "ready", "--note", "the change is good")
    governed.told("ben", "readiness", "go", "ready", "--note", "on call")
    governed.told("eve", "readiness", "no-go", "ready", "--note", "support is not told")
    status = await release.until(lambda status: "no-go" in _reason(status, "readiness"))
    assert "eve" in _reason(status, "readiness")
    assert governed.shop.serves("checkout") != version

    governed.told("eve", "readiness", "go", "ready", "--note", "now they are")
    assert (await release.ended()).phase is Phase.HEALTHY
    await assert_at_rest(governed.shop, release)


async def test_what_rules_deny_is_shown_by_a_plan_and_denied_at_the_start(governed: GovernedShop):
    rules = {"files": ["prod.rego"]}
    folder = governed.govern("rules", {**ONE_SRE, "rules": rules}, prod=_RULES)
    before = governed.shop.serving()
    file = governed.write(folder, "ruled", {"checkout": "v2"})

    planned = governed.by("eve", "plan", str(file), "--by", "eve")
    release = governed.start(file)
    outcome = await release.ended()

    assert planned.returncode == 10, planned.stdout + planned.stderr
    for told in (planned.stdout, outcome.reason):
        assert "checkout is in the hands of the auditors" in told
    assert outcome.phase is Phase.DENIED
    assert governed.shop.serving() == before
    explained = governed.by("eve", "explain", "ruled")
    assert "prod.rego:3" in explained.stdout, explained.stdout + explained.stderr
    await assert_at_rest(governed.shop, release)


async def test_a_pack_for_auditors_is_verified_offline_and_shows_a_changed_byte(
    governed: GovernedShop, tmp_path: Path
):
    folder = governed.govern("audited", ONE_SRE)
    release = governed.start(governed.write(folder, "audited", {"checkout": "v2"}))
    await release.until_phase(Phase.AWAITING_APPROVAL)
    governed.told("ben", "reject", "audited", "--reason", "only to be recorded")
    assert (await release.ended()).phase is Phase.DENIED
    pack, spoilt = tmp_path / "audited.pack", tmp_path / "spoilt.pack"

    exported = ("audit", "export", "audited", "--control", "sox", "--to", str(pack))
    governed.told("ben", *exported)
    intact = _offline("audit", "verify", "--export", str(pack))
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.write_bytes(content)
    found = _offline("audit", "verify", "--export", str(spoilt))
    replayed = governed.by("ben", "audit", "replay", "audited")

    assert intact.returncode == 0, intact.stdout + intact.stderr
    assert found.returncode == 31, found.stdout + found.stderr
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    await assert_at_rest(governed.shop, release)


def _offline(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line of somebody who has no server and no settings."""
    return subprocess.run(
        [sys.executable, "-m", "starters.main", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


_RULES = """package lockgate

deny contains msg if {
	some service in input.release.spec.services
	service.name == "checkout"
	msg := sprintf("%s is in the hands of the auditors", [service.name])
}
"""
_JUNIT = """<testsuite name="checkout" tests="2" failures="0">
  <testcase classname="orders" name="are placed"/><testcase classname="orders" name="are paid"/>
</testsuite>
"""


async def _proven_vote(governed: GovernedShop, release: LiveRelease, who: str) -> Vote:
    """An approval of *release* that *who* proves, cast by nobody yet."""
    status = await release.until_phase(Phase.AWAITING_APPROVAL)
    vote = Vote(digest=status.decision_digest, note="fine", environment="production")
    run = (await release.handle.describe()).run_id
    statement = vote.statement(release=release.id, run=run, gate="production")
    token = governed.people[who] / "lockgate" / "vault-token"
    signed_in = {
        TOKEN_FILE_VARIABLE: str(token),
        "LOCKGATE_HOME": str(governed.shop.site.home.root),
    }
    return vote.model_copy(update={"proof": prove(statement, environment=signed_in)})


def _entries(governed: GovernedShop, name: str) -> list[dict]:
    told = governed.told("ben", "events", name, "-o", "json")
    return [json.loads(line)["entry"] for line in told.splitlines()]


def _owed(governed: GovernedShop) -> set[str]:
    """The releases that somebody has to look back on, those of other tests among them."""
    listed = json.loads(governed.told("eve", "retrospective", "list", "-o", "json"))
    return {each["release"] for each in listed}


def _refusals(governed: GovernedShop, name: str) -> list[dict]:
    return [entry for entry in _entries(governed, name) if entry["outcome"] == "refused"]


def _reason(status: ReleaseStatus, gate: str) -> str:
    return "; ".join(b.reason for b in status.blocked_by if b.gate.startswith(gate))


def _waits_at(status: ReleaseStatus, gate: str) -> bool:
    return any(blocker.gate.startswith(gate) for blocker in status.blocked_by)
