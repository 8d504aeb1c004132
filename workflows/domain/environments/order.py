"""How an environment is asked for: everything its story needs to know, decided before it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from workflows.domain.audit import Entry
from workflows.domain.environments.census import Tag, tag_value
from workflows.domain.environments.commands import Ending
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.values import Digest, Provider, Value, digest_of


class Blueprint(Value):
    """What an environment is made from, pinned: the template's text and every parameter."""

    template: str
    """The name of the `EnvironmentTemplate`."""
    text: str
    parameters: dict[str, str] = {}

    @property
    def digest(self) -> Digest:
        """The content address of the template's text: what drift is measured against."""
        return digest_of(self.text)


class PriceTable(Value):
    """What one resource of each type costs an hour; what it lacks has an unknown price."""

    currency: str = "USD"
    per_hour: dict[str, Decimal] = {}


class LeaseRule(Value):
    """How long an environment lives, and how much longer its owner may keep it."""

    ttl: timedelta
    longest: timedelta
    warn_before: tuple[timedelta, ...] = ()
    extensions: int = 0
    extend_by: timedelta = timedelta(0)
    money: Decimal | None = None


class TeardownRule(Value):
    """How it ends. *snapshots* are resources by their names in the template."""

    empty_buckets: bool = True
    lift_protection: bool = True
    snapshots: tuple[str, ...] = ()
    snapshot_all: bool = False
    """The data class demands that nothing that can hold data goes without a snapshot."""
    retry_after: timedelta = timedelta(minutes=1)
    """How soon it is tried again while anything is left; each time twice as long."""
    retry_at_most: timedelta = timedelta(hours=1)

    @property
    def tag(self) -> str:
        """What a tag can tell of it: with any snapshot that is demanded, all of them are."""
        snapshots = "all" if self.snapshot_all or self.snapshots else "none"
        buckets = "empty" if self.empty_buckets else "keep"
        protection = "lift" if self.lift_protection else "refuse"
        return f"snapshots={snapshots} buckets={buckets} protection={protection}"

    @classmethod
    def of_tag(cls, text: str) -> Self:
        """The rule that *text* tells; what it does not tell is the choice that loses nothing."""
        told = set(text.split())
        return cls(
            snapshot_all="snapshots=none" not in told,
            empty_buckets="buckets=empty" in told,
            lift_protection="protection=lift" in told,
        )


class EnvironmentPlan(Value):
    """All that making, keeping and removing it goes by; decided before anything is touched."""

    provider: Provider
    blueprint: Blueprint
    team: str
    lease: LeaseRule
    prices: PriceTable = PriceTable()
    teardown: TeardownRule = TeardownRule()
    protected: bool = False

    @property
    def digest(self) -> Digest:
        """What makes two requests for one name the same request."""
        return digest_of(self.model_dump_json())


class Resumed(Value):
    """What a run of a story hands to the next one of the same story, so that nothing is lost."""

    view: EnvironmentView
    ending: Ending | None = None
    unrecorded: tuple[Entry, ...] = ()
    tags_due: bool = False
    hold_tagged: bool = False
    notices: tuple[OwnerNotice, ...] = ()
    newest_notice: str = ""


class EnvironmentOrder(Value):
    """The input of an environment's story.

    A name is one environment at a time. With *release* it ends when that release does.
    """

    name: str
    plan: EnvironmentPlan
    owner: str
    """The person who is warned, and may extend."""
    contact: str | None = None
    """Where the owner is told; None where the catalog knows no address of theirs."""
    told_within: timedelta = timedelta(minutes=5)
    """How long its story, once over, waits for a mail server; its name is not free before."""
    purpose: str
    requested_by: str = ""
    """Who asked for it, a person or the release it is made for; empty where nobody said so."""
    release: str | None = None
    """The workflow id of the release it is made for."""
    resumed: Resumed | None = None
    """Where the run before this one stood; nobody asks for an environment with it."""

    def tags(self, *, expiry: datetime) -> dict[str, str]:
        """What every resource of it carries; `lockgate:release` is `-` where there is none."""
        blueprint = self.plan.blueprint
        protected: dict[str, str] = {Tag.PROTECTED: "true"} if self.plan.protected else {}
        return {
            Tag.ENVIRONMENT: self.name,
            Tag.TEMPLATE: blueprint.template,
            Tag.DIGEST: blueprint.digest,
            Tag.OWNER: tag_value(self.owner),
            Tag.TEAM: self.plan.team,
            Tag.PURPOSE: tag_value(self.purpose),
            Tag.EXPIRY: f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
            Tag.RELEASE: self.release or "-",
            Tag.TEARDOWN: self.plan.teardown.tag,
            **protected,
        }


class ReclaimOrder(Value):
    """What exists with our tags and has no living story: which, where, and how it ends.

    *tags* are those of anything of it, and say whose it was.
    """

    name: str
    provider: Provider
    tags: dict[str, str] = {}
    teardown: TeardownRule = TeardownRule()
    reason: str
    by: str = ""
    resumed: Resumed | None = None
