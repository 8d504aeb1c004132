"""Words and events that come in the worst form, or at the worst moment."""

import pytest

from tests.builders import CANARY, a_catalog, an_order, analysis, build_of
from workflows.domain.commands import Command
from workflows.domain.phase import Phase
from workflows.domain.values import Target
from workflows.release import ReleaseWorkflow

CHECKOUT = Target(service="checkout", environment="production")
STAGING = Target(service="checkout", environment="staging")
LONG = (*CANARY[:2], analysis("10s", "200ms"), *CANARY[3:])


@pytest.fixture
def v1(world):
    world.serve(CHECKOUT, "v1")
    world.serve(STAGING, "v1")


async def test_a_signal_that_says_nothing_but_its_name_counts(start, world, v1):
    """Whoever sends `abort` from the Temporal UI in a hurry leaves the input empty."""
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)

    await started.handle.signal("abort")

    assert (await started.result()).phase == Phase.CANCELLED
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}


async def test_a_signal_that_is_only_a_sentence_is_its_reason(start, v1):
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)

    await started.handle.signal("abort", "wrong build")

    assert "wrong build" in (await started.result()).reason


async def test_a_reason_in_any_script_does_not_keep_a_release_from_turning_back(start, world, v1):
    """The page's summary is limited in bytes, of which these characters take three."""
    started = await start(an_order(catalog=a_catalog(steps=LONG)))
    await started.until(lambda status: status.exposure.weight_asked == 10)

    await started.handle.signal(ReleaseWorkflow.abort, Command(by="ana", reason="構" * 300))

    assert (await started.result()).phase == Phase.CANCELLED
    assert world.running(CHECKOUT) == {build_of("checkout", "v1")}
