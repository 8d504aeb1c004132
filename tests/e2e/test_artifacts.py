"""Bytes that are not what their digest names go nowhere, wherever they were exchanged."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import boto3
import pytest

from examples.shop.build import Bundle, build
from examples.shop.publish import publish
from tests.e2e.at_rest import assert_at_rest
from tests.e2e.live_shop import LiveRelease, LiveShop
from workflows.domain.release.phase import Phase
from workflows.domain.values import arm_name


@pytest.fixture
def exchanged(shop: LiveShop) -> Iterator[Bundle]:
    """A build whose object in the bucket of builds holds other bytes under the same key."""
    bundle = build("checkout", "v6")
    with _builds(shop) as (client, bucket):
        client.put_object(Bucket=bucket, Key=bundle.key, Body=bundle.content + b"more")
    yield bundle
    publish([bundle], shop.site.home.builds)


async def test_an_exchanged_build_is_denied_before_anything_is_touched(
    shop: LiveShop, exchanged: Bundle
):
    before = shop.serving()

    release = await shop.release("exchanged-build", {"checkout": "v6"})
    outcome = await release.ended()

    assert outcome.phase is Phase.DENIED
    assert exchanged.digest in outcome.reason
    assert outcome.undone == ()
    assert _outcomes(shop, release, "verify_artifact") == {"ArtifactMismatch"}
    assert _outcomes(shop, release, "install_version") == set()
    assert shop.serving() == before
    await assert_at_rest(shop, release)


async def test_a_version_that_was_altered_while_it_ran_goes_back(shop: LiveShop):
    before, version = shop.serving(), shop.other_good("checkout")

    release = await shop.release("altered", {"checkout": version})
    await release.until_canary()
    arm = arm_name("checkout", build("checkout", version).digest)
    altered = shop.site.home.platform("production") / "versions" / arm / "service.py"
    altered.chmod(0o600)
    altered.write_text("# not what was promoted\n" + altered.read_text())
    outcome = await release.ended()

    assert outcome.phase is Phase.ROLLED_BACK
    assert f"{altered} was changed" in outcome.reason
    assert _outcomes(shop, release, "verify_running") == {"ArtifactMismatch"}
    assert shop.serving() == before
    await assert_at_rest(shop, release)


def _outcomes(shop: LiveShop, release: LiveRelease, action: str) -> set[str]:
    """How *action* came out, each time that the audit record of *release* tells of it."""
    printed = shop.lockgate("events", release.name, "-o", "json")
    assert printed.returncode == 0, printed.stderr
    entries = [json.loads(line)["entry"] for line in printed.stdout.splitlines()]
    return {entry["outcome"] for entry in entries if entry["action"] == action}


@contextmanager
def _builds(shop: LiveShop):
    told = json.loads(shop.site.home.builds.read_text())
    client = boto3.client(
        "s3",
        endpoint_url=told["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=told["access_key"],
        aws_secret_access_key=told["secret_key"],
    )
    with closing(client):
        yield client, told["bucket"]
