"""Where an environment stands, in the same words for people and machines."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from workflows.domain.environments.census import Census
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.values import Digest, Provider, View


class EnvironmentPhase(StrEnum):
    """Where an environment stands; docs/reference/status.md tells the moves between them."""

    CREATING = "Creating"
    READY = "Ready"
    EXPIRING = "Expiring"
    """Its owner has been warned that it ends soon."""
    HELD = "Held"
    """Its time is over, and a hold or its protection keeps it."""
    TEARING_DOWN = "TearingDown"
    TEARDOWN_INCOMPLETE = "TeardownIncomplete"
    """Something is left, or could not be counted; it is tried again until nothing is."""
    REMOVED = "Removed"
    """Torn down, and a census proved that nothing is left."""
    FAILED = "Failed"
    """It could not be made, and a census proved that nothing is left of the attempt."""

    @property
    def final(self) -> bool:
        """Whether nothing of it exists any more."""
        return self in {EnvironmentPhase.REMOVED, EnvironmentPhase.FAILED}


class Hold(View):
    """Why nothing tears it down, who said so and when."""

    by: str
    reason: str
    since: datetime

    def __str__(self) -> str:
        return f"held by {self.by}: {self.reason}"


class Warned(View):
    """One warning to the owner, that was due *before* its end."""

    before: timedelta
    at: datetime
    notice: str = ""
    """The key of the notice by which its owner is told; of several that fell due at once, one."""
    told: str = ""
    """Whether and how its owner was told, or why not; empty while that is not known."""


class Extension(View):
    """So much longer, for whom and why."""

    by: str
    span: timedelta
    reason: str
    at: datetime


class Removal(View):
    """What a teardown removed, and what it leaves on purpose."""

    reason: str
    by: str
    before: Census | None = None
    after: Census | None = None
    removed: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    """Final snapshots, kept where the data class or the template demands them."""
    snapshots_taken: bool = False
    """Whether all of them are complete; nothing that they are of goes before."""
    attempts: int = 0
    problem: str = ""
    """Why it is not over yet."""
    asks_person: bool = False
    """Whether trying again will not help before somebody has changed something."""
    again_at: datetime | None = None
    """When it is tried again, if nobody says so before."""
    saved_per_month: Decimal | None = None
    """What its removal saves in 730 hours; None where a price is unknown."""


class EnvironmentView(View):
    """The status object of one environment."""

    name: str
    template: str
    digest: Digest
    """Of the template's text."""
    plan_digest: Digest
    """Of everything that was asked for: the same request has the same."""
    run: str
    provider: Provider | None = None
    """Where it is made."""
    owner: str
    team: str
    purpose: str
    requested_by: str = ""
    """Who asked for it; empty where nobody said so."""
    release: str | None = None
    phase: EnvironmentPhase = EnvironmentPhase.CREATING
    reason: str = ""
    doing: str = ""
    created_at: datetime | None = None
    """When it was begun: its lease and its costs count from here."""
    ready_at: datetime | None = None
    """When it was made; None where it never was."""
    expires_at: datetime | None = None
    warned: tuple[Warned, ...] = ()
    extensions: tuple[Extension, ...] = ()
    extensions_left: int = 0
    hold: Hold | None = None
    protected: bool = False
    outputs: dict[str, str] = {}
    resources: int = 0
    currency: str = "USD"
    per_hour: Decimal | None = None
    """What it costs an hour; None where the price of anything in it is unknown."""
    unpriced: tuple[str, ...] = ()
    """The types of resources that the price table lacks."""
    budget: Decimal | None = None
    """What all of its life may cost if it is extended; None where there is no such limit."""
    removal: Removal | None = None
    extend_by: timedelta = timedelta(0)
    """How much one extension may add."""
    expires_at_most: datetime | None = None
    """How late its end may be moved, with every extension."""
    drift: Drift | None = None
    """How it differed from its template when it was last compared."""
    drift_at: datetime | None = None
    problem: str = ""
    """What could not be done about it, and is tried again: its tags are behind, mostly."""
    told: str = ""
    """The newest notice to its owner, and whether and how they were told, or why not."""

    def knows_told(self, notice: OwnerNotice, how: str) -> Self:
        """The view once it is known that its owner was told so, or *how* that went wrong."""
        warned = tuple(
            each.model_copy(update={"told": how}) if each.notice == notice.key else each
            for each in self.warned
        )
        return self.model_copy(update={"warned": warned, "told": f"{notice.subject}: {how}"})
