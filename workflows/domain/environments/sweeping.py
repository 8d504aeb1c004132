"""What the clock does to environments: ends those whose time is over, reclaims, compares."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field

from workflows.domain.durations import WrittenSpan
from workflows.domain.environments.census import Census, Tag
from workflows.domain.environments.lease import is_ending
from workflows.domain.environments.order import ReclaimOrder, TeardownRule
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.values import Provider, Value, View

BY = "the clock"
"""Who says so, where nobody does."""

MOST_NAMED = 500
"""So many environments of a kind are named in a report; all of them are counted."""

Pages = Annotated[int, Field(ge=1, le=100)]
"""How many pages one run looks at before the next one goes on, so that no history is long."""


class Named(View):
    """Environments, each with what there is to say of it: the first ones by name, all counted."""

    count: int = 0
    names: dict[str, str] = {}

    def plus(self, name: str, why: str = "") -> Self:
        if name in self.names:
            return self
        names = self.names if len(self.names) >= MOST_NAMED else {**self.names, name: why[:500]}
        return self.model_copy(update={"count": self.count + 1, "names": names})

    def __str__(self) -> str:
        said = [f"{name} ({why})" if why else name for name, why in self.names.items()]
        more = self.count - len(said)
        return ", ".join([*said, *([f"and {more} more"] if more else [])])


class ExpiredReport(View):
    """What a sweep of those whose time is over did, and what it left alone and why."""

    looked_at: int = 0
    ended: Named = Named()
    kept: Named = Named()
    """By a hold, or by their protection."""
    unasked: Named = Named()
    """Those that did not say where they stand: nothing is done to what is not known."""
    untold: Named = Named()
    """Those that are to end, and could not be told."""


class ExpiredSweepOrder(Value):
    """End those whose time has been over for longer than *after*, and that did not end."""

    after: WrittenSpan = timedelta(hours=1)
    pages: Pages = 20
    before: datetime | None = None
    page: str = ""
    so_far: ExpiredReport | None = None


class OrphanReport(View):
    """What a sweep of what has our tags and no story did, and what it left alone and why."""

    looked_at: int = 0
    reclaimed: Named = Named()
    kept: Named = Named()
    """By the tag of a hold, or of their protection."""
    unasked: Named = Named()
    """Those whose story did not answer: it may live, so nothing is done."""
    uncounted: Named = Named()
    """Those of which nothing could be counted."""
    elsewhere: Named = Named()
    """Those whose story lives, and knows nothing of what there is of them at this provider."""
    unnameable: Named = Named()
    """Tags that name no environment that there could be: nobody of us has written them."""
    unreached: Named = Named()
    """Providers that were not looked at to the end, and why."""


class OrphanSweepOrder(Value):
    """Take down what exists with our tags at the *providers* and has no living story.

    *teardown* is how that ends which does not carry in its tags how it ends.
    """

    providers: Annotated[tuple[Provider, ...], Field(min_length=1)]
    teardown: TeardownRule = TeardownRule()
    pages: Pages = 20
    page: str = ""
    so_far: OrphanReport | None = None


class DriftReport(View):
    """How the living environments differ from the templates that they were made from."""

    looked_at: int = 0
    as_its_template: int = 0
    drifted: Named = Named()
    unknown: Named = Named()
    """Those that could not be compared, or not with all that is in them."""


class DriftCheckOrder(Value):
    """Compare every environment that stands with the template that it was made from."""

    pages: Pages = 20
    page: str = ""
    so_far: DriftReport | None = None


def is_overdue(view: EnvironmentView, now: datetime, *, after: timedelta) -> bool:
    """Whether its time has been over for longer than *after*, and nothing takes it down yet."""
    over = view.expires_at is not None and view.expires_at + after <= now
    return over and not is_ending(view)


def keeper(view: EnvironmentView) -> str | None:
    """What keeps it whatever the clock says; None where nothing does."""
    if view.hold is not None:
        return str(view.hold)
    return "it is protected" if view.protected else None


def keeper_by_tags(tags: Iterable[Mapping[str, str]]) -> str | None:
    """What keeps that which has no story any more; a tag on any part of it is enough."""
    found = {key: value for each in tags for key, value in each.items()}
    if Tag.HOLD in found:
        return f"a hold is tagged on it: {found[Tag.HOLD]}"
    if Tag.PROTECTED in found:
        return "it is protected: only a person may tear it down"
    return None


def reclaim_order(
    census: Census, provider: Provider, tags: Mapping[str, str], *, otherwise: TeardownRule
) -> ReclaimOrder:
    """How what the census counted is to be taken down: as its tags say, or else *otherwise*.

    Where they say it in several ways, what loses least is done.
    """
    said = {each.tags[Tag.TEARDOWN] for each in census.resources if Tag.TEARDOWN in each.tags}
    rules = [TeardownRule.of_tag(text) for text in sorted(said)] or [otherwise]
    return ReclaimOrder(
        name=census.environment,
        provider=provider,
        tags=dict(tags),
        teardown=rules[0].model_copy(
            update={
                "snapshot_all": any(rule.snapshot_all for rule in rules),
                "empty_buckets": all(rule.empty_buckets for rule in rules),
                "lift_protection": all(rule.lift_protection for rule in rules),
            }
        ),
        reason="it has our tags and no living story",
        by=BY,
    )
