"""A good version takes over, a bad one goes back by itself, several go back in reverse order."""

import re

import pytest

from starters.exit_codes import ExitCode
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveRelease, LiveShop
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import Progress


async def test_a_good_version_takes_over_stage_by_stage(shop: LiveShop):
    version = shop.other_good("checkout")

    release = await shop.release(
        "good", {"checkout": version}, environments=("staging", "production"), gated=True
    )
    await release.approve()
    outcome = await release.ended()

    assert (outcome.phase, outcome.leftovers) == (Phase.HEALTHY, ())
    assert outcome.exposure.requests > 50
    assert shop.serves("checkout", "staging") == shop.serves("checkout") == version
    await assert_at_rest(shop, release)


@pytest.mark.parametrize(
    ("version", "why"),
    [("v5", "error-rate|VersionErrorsHigh"), ("v4", "latency"), ("v6", "conversion")],
    ids=["failing", "slow", "losing"],
)
async def test_a_bad_version_goes_back_by_itself(shop: LiveShop, version: str, why: str):
    """Where so much fails, Prometheus's own alert may be faster than the statistic."""
    if why == "conversion" and shop.site.monitoring is None:
        pytest.skip("no Prometheus here: nobody reads what the service itself counts")
    before = shop.serving()

    release = await shop.release(f"bad-{version}", {"checkout": version}, strategy="watched")
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert re.search(why, outcome.reason)
    assert outcome.exposure.requests > 0
    assert (outcome.exposure.failed > 0) == (version == "v5")
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_several_services_go_back_in_reverse_order(shop: LiveShop):
    """Here as well Prometheus's own alert may be faster, which names the version."""
    before = shop.serving()
    versions = {"inventory": shop.other_good("inventory"), "payments": "v5", "checkout": "v2"}

    release = await shop.release("several", versions)
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert re.search("payments@production|VersionErrorsHigh: payments-", outcome.reason)
    assert [undone for undone in outcome.undone if undone.failure] == []
    withdrawn = [
        undone.undo.subject
        for undone in outcome.undone
        if undone.undo.method == "withdraw_version"
    ]
    assert withdrawn == ["payments@production", "inventory@production"]
    progress = {str(v.target): v.progress for v in (await release.status()).targets}
    assert progress["checkout@production"] is Progress.WAITING
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_the_same_file_twice_is_one_release(shop: LiveShop):
    version = shop.other_good("payments")
    file = shop.write("twice", {"payments": version})

    first = shop.lockgate("start", str(file), "--by", "ci")
    second = shop.lockgate("start", str(file), "--by", "ci", "--wait", "--timeout", "2m")

    assert (first.returncode, second.returncode) == (ExitCode.OK, ExitCode.OK), second.stderr
    query = "WorkflowType = 'ReleaseWorkflow' AND WorkflowId STARTS_WITH 'release/twice/'"
    (run,) = [entry async for entry in shop.client.list_workflows(query)]
    assert shop.serves("payments") == version
    await assert_at_rest(shop, LiveRelease("twice", run.id, shop.client))
