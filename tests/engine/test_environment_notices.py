"""What the owner of an environment is told, and that nothing waits for it or fails with it."""

from datetime import timedelta

import pytest

from tests.engine.living import SOON
from workflows.domain.environments.commands import Extend, Retry, Teardown
from workflows.domain.environments.view import EnvironmentPhase
from workflows.domain.errors import Refused, Unavailable
from workflows.environment import EnvironmentWorkflow

SECOND = timedelta(seconds=1)
MAIL = "ana@shop.test"
WARNED = {"ttl": 60 * SECOND, "warn_before": (59 * SECOND,), "extend_by": 2 * SECOND}
GO = Teardown(by="ana", reason="not needed any more")
AGAIN = Retry(by="ana", reason="mended")


def told(world, living):
    """Subjects by key, of what reached the owner of this environment."""
    return {
        key: ask.subject for key, ask in world.notices.told.items() if f"/{living.name}/" in key
    }


async def test_its_owner_is_told_of_each_warning_and_of_its_removal(ask_for, world):
    living = await ask_for(contact=MAIL, lease=WARNED)

    view = await living.until(lambda view: bool(view.warned) and bool(view.warned[0].told))
    assert view.warned[0].told == f"told by mail to {MAIL}"
    assert view.told == f"{living.name} ends in 1m: told by mail to {MAIL}"
    extended = await living.tell(EnvironmentWorkflow.extend, Extend(by="ana", reason="demo"))
    assert extended.warned == ()
    await living.until(lambda view: bool(view.warned) and bool(view.warned[0].told))
    await living.tell(EnvironmentWorkflow.teardown, GO)
    gone = await living.result()

    assert sorted(told(world, living).values()) == [
        f"{living.name} ends in 1m",
        f"{living.name} ends in 1m",
        f"{living.name} was torn down",
    ]
    assert gone.told == f"{living.name} was torn down: told by mail to {MAIL}"
    noted = [e for e in world.recorded(living.id) if e.action == "send_notice"]
    assert [entry.outcome for entry in noted] == ["told"] * 3


@pytest.mark.parametrize(
    ("contact", "failure", "why"),
    [
        (None, None, "not told: the catalog knows no e-mail address of ana"),
        (MAIL, Refused("no such user"), "not told: Refused: no such user"),
        ("nowhere", None, "not told: Refused: 'nowhere' is no e-mail address"),
    ],
)
async def test_whoever_cannot_be_told_is_said_to_be_untold_and_nothing_else_changes(
    ask_for, world, contact, failure, why
):
    if failure is not None:
        world.notices.failures.append(failure)
    living = await ask_for(contact=contact, lease=WARNED)

    view = await living.until(lambda view: bool(view.warned) and bool(view.warned[0].told))

    assert view.warned[0].told.startswith(why)
    assert view.phase is EnvironmentPhase.EXPIRING
    assert told(world, living) == {}
    await living.tell(EnvironmentWorkflow.teardown, GO)
    assert (await living.result()).phase is EnvironmentPhase.REMOVED
    noted = [e for e in world.recorded(living.id) if e.action == "send_notice"]
    assert noted[0].outcome == "not told"


async def test_a_mail_server_that_is_down_is_tried_again_and_holds_nothing_up(ask_for, world):
    world.notices.failures += [Unavailable("later")] * 50
    living = await ask_for(
        contact=MAIL, lease={"ttl": 2 * SECOND, "warn_before": (SECOND,), "extend_by": SECOND}
    )

    removed = await living.until_phase(EnvironmentPhase.REMOVED)

    assert removed.removal.after.empty
    assert removed.warned[0].told == ""
    world.notices.failures.clear()
    gone = await living.result()
    assert gone.warned[0].told == f"told by mail to {MAIL}"
    assert len(told(world, living)) == 2


async def test_a_story_that_is_over_waits_for_a_mail_server_only_for_a_while(ask_for, world):
    """Its name is free again only once it has ended."""
    world.notices.failures += [Unavailable("later")] * 50
    living = await ask_for(contact=MAIL, told_within=SOON)
    await living.until_phase(EnvironmentPhase.READY)

    await living.tell(EnvironmentWorkflow.teardown, GO)
    gone = await living.result()

    assert gone.phase is EnvironmentPhase.REMOVED
    assert gone.told.endswith("was torn down: not told: nobody took it before the story ended")


async def test_what_is_left_is_told_once_for_each_set_of_it(ask_for, world):
    cloud = world.environments.cloud
    living = await ask_for(contact=MAIL)
    await living.until_phase(EnvironmentPhase.READY)
    one, other = (f"{living.name}/planted-{n}" for n in "ab")
    for each in (one, other):
        cloud.plant(living.name, each)
        cloud.undeletable[each] = "Object Lock"

    await living.tell(EnvironmentWorkflow.teardown, GO)
    await tried(living, times=1)
    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    await tried(living, times=2)
    del cloud.undeletable[other]
    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    await tried(living, times=3)
    del cloud.undeletable[one]
    await living.tell(EnvironmentWorkflow.retry, AGAIN)
    await living.result()

    assert [ask.subject for ask in world.notices.asks if ask.key in told(world, living)] == [
        f"{living.name} is not torn down: 2 left or not counted",
        f"{living.name} is not torn down: 1 left or not counted",
        f"{living.name} was torn down",
    ]


async def tried(living, *, times):
    """Wait until so many attempts have ended with something left."""

    def left(view):
        incomplete = view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE
        return incomplete and view.removal.attempts >= times and not view.doing

    await living.until(left)
