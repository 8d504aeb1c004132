"""Where an environment stands at first, and what may be said to it as it stands."""

import re
from datetime import datetime

from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import (
    HoldRefused,
    RetryRefused,
    Teardown,
    TeardownRefused,
)
from workflows.domain.environments.lease import lives
from workflows.domain.environments.order import EnvironmentOrder, ReclaimOrder
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.values import digest_of

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def first_view(order: EnvironmentOrder, *, run: str, now: datetime) -> EnvironmentView:
    """An environment that is about to be made; its lease begins now."""
    plan = order.plan
    return EnvironmentView(
        name=order.name,
        template=plan.blueprint.template,
        digest=plan.blueprint.digest,
        plan_digest=plan.digest,
        run=run,
        provider=plan.provider,
        owner=order.owner,
        team=plan.team,
        purpose=order.purpose,
        requested_by=order.requested_by,
        release=order.release,
        created_at=now,
        expires_at=now + plan.lease.ttl,
        expires_at_most=now + plan.lease.longest,
        extensions_left=plan.lease.extensions,
        extend_by=plan.lease.extend_by,
        protected=plan.protected,
        currency=plan.prices.currency,
        budget=plan.lease.money,
    )


def view_of_what_is_left(order: ReclaimOrder, *, run: str) -> EnvironmentView:
    """What has no living story, as far as its tags tell of it."""
    tags = order.tags
    release, written = tags.get(Tag.RELEASE, "-"), tags.get(Tag.DIGEST, "")
    return EnvironmentView(
        name=order.name,
        template=tags.get(Tag.TEMPLATE, "unknown"),
        digest=written if _DIGEST.fullmatch(written) else digest_of(""),
        plan_digest=digest_of(order.model_copy(update={"resumed": None}).model_dump_json()),
        run=run,
        provider=order.provider,
        owner=tags.get(Tag.OWNER, "unknown"),
        team=tags.get(Tag.TEAM, "unknown"),
        purpose=tags.get(Tag.PURPOSE, ""),
        release=None if release == "-" else release,
        phase=EnvironmentPhase.TEARING_DOWN,
    )


def expect_holdable(view: EnvironmentView) -> None:
    """Raises HoldRefused where nothing is there to hold, or somebody holds it already."""
    if not lives(view):
        raise HoldRefused(f"{view.name} is {view.phase}: there is nothing to hold")
    if view.hold is not None:
        raise HoldRefused(
            f"{view.name} is held already, by {view.hold.by}: {view.hold.reason}; lift that first"
        )


def expect_held(view: EnvironmentView) -> None:
    """Raises HoldRefused where nobody holds it."""
    if view.hold is None:
        raise HoldRefused(f"nobody holds {view.name}")


def expect_removable(view: EnvironmentView, said: Teardown) -> None:
    """Raises TeardownRefused where a hold keeps it, or its protection and nobody named that."""
    if view.hold is not None:
        raise TeardownRefused(
            f"{view.name} is {view.hold}; nothing tears it down before the hold is lifted"
        )
    if view.protected and lives(view) and not said.protected:
        raise TeardownRefused(
            f"{view.name} is protected: say --protected if that is what you mean"
        )


def expect_incomplete(view: EnvironmentView) -> None:
    """Raises RetryRefused where nothing waits to be tried again."""
    if view.phase is not EnvironmentPhase.TEARDOWN_INCOMPLETE:
        raise RetryRefused(f"{view.name} is {view.phase}: nothing of it waits to be tried again")
