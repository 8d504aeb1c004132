"""What is released: the builds, their order, and the environments they pass through."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from workflows.domain.release.flags import FlagSpec
from workflows.domain.spec.document import Document, Metadata
from workflows.domain.spec.runbook import RehearsalSpec
from workflows.domain.spec.window import ScheduleSpec
from workflows.domain.values import Digest, Name, Names, SpecPart

MigrationKind: TypeAlias = Literal["none", "expand", "backfill", "contract"]
Claim: TypeAlias = Literal["auto", "standard", "normal", "emergency"]


class ChangeSpec(SpecPart):
    """Why the release is made; shown to approvers, kept in the audit record."""

    claim: Claim = Field(default="auto", alias="class")
    """What its author takes it for. The class is computed; only a stricter wish is granted."""
    incident: str | None = Field(default=None, min_length=1, max_length=64)
    """The incident that an emergency ends, as your pager names it."""
    summary: str = Field(min_length=1, max_length=200)
    """One sentence for those who approve."""
    ticket: str | None = Field(default=None, max_length=64)
    """The change ticket, as your tracker names it."""

    @model_validator(mode="after")
    def _emergency_names_its_incident(self) -> Self:
        if self.claim == "emergency" and self.incident is None:
            raise ValueError("class emergency needs incident: which one does this release end?")
        return self


def _no_option(reference: str) -> str:
    if reference.startswith("-") or ".." in reference or reference.endswith((".", "/", ".lock")):
        raise ValueError(f"{reference!r} is no name that git takes for a commit, tag or branch")
    return reference


Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/+-]{1,200}$"), AfterValidator(_no_option)]
"""A commit, tag or branch; nothing that git could take for an option or a range."""


class SourceSpec(SpecPart):
    """The commits that the build is made of: all that `head` has and `base` has not."""

    base: Reference
    """What runs now: the commit of the version before."""
    head: Reference
    """What was built."""


class ArtifactSpec(SpecPart):
    """The immutable build, by content address. A tag is refused: it can move."""

    digest: Digest
    """`sha256:` and 64 hexadecimal digits: the bytes themselves, not a name for them."""


class ServiceRelease(SpecPart):
    """One service of the release: which build of it, and what must be promoted before it."""

    name: Name
    """A `Service` of the catalog."""
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")
    """What people call the build; text, so quote what looks like a number."""
    artifact: ArtifactSpec
    """The build."""
    flags: tuple[FlagSpec, ...] = Field(default=(), max_length=20)
    """Feature flags that the strategies' steps move with it."""
    depends_on: Names = ()
    """Services of this release that are promoted first, and go back last."""
    source: SourceSpec | None = None
    """What was changed since the version before; unknown counts as the riskiest change."""
    migration: MigrationKind = "none"
    """What it does to stored data; `none` is not believed of a change that touches a schema."""


class ReleaseEnvironment(SpecPart):
    """An environment the release passes through; `strategyRef` overrides the environment's own."""

    name: Name
    """An `Environment` of the catalog."""
    strategy_ref: Name | None = None
    """A `Strategy` of the catalog, instead of the environment's own."""


class LostSpec(SpecPart):
    """A business figure, by the metric of an analysis template that compares it."""

    metric: Name
    """A metric of type `ratio`, such as a conversion."""
    amount: float = Field(gt=0)
    """How many of its numerator may be missing, such as orders."""


class HarmBudgetSpec(SpecPart):
    """What the release may cost, over all services and stages, until it is turned back."""

    failed_requests: int | None = Field(default=None, ge=0, le=1_000_000_000)
    """Requests that the new versions may fail, for whatever reason."""
    lost: LostSpec | None = None
    """How much of a business figure may be lost."""

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.failed_requests is None and self.lost is None:
            raise ValueError("give failedRequests, lost or both: this budget bounds nothing")
        return self


class RollbackSpec(SpecPart):
    """What turns the release back, beside its analysis."""

    harm_budget: HarmBudgetSpec | None = None
    """Crossing it turns back at once; it also bounds each next weight."""
    runbook_ref: Name | None = None
    """The `Runbook` of the catalog that people go by; approval waits until it is reviewed."""
    rehearsal: RehearsalSpec | None = None
    """How fresh the rehearsal of that runbook must be."""


class ReleaseSpec(SpecPart):
    """Why, what and where."""

    change: ChangeSpec
    """Why."""
    services: tuple[ServiceRelease, ...] = Field(min_length=1, max_length=50)
    """What; they go in the order of `dependsOn`, else as written."""
    environments: tuple[ReleaseEnvironment, ...] = Field(min_length=1, max_length=10)
    """Where, one after the other, as written."""
    schedule: ScheduleSpec = ScheduleSpec()
    """When, beside what change windows and calendars say."""
    rollback: RollbackSpec = RollbackSpec()
    """When to turn back, beside what the strategy watches."""


class ReleaseMetadata(Metadata):
    labels: dict[Name, str] = Field(default={}, max_length=20)
    """What change windows may pick the release by: `compliance: sox`."""


class Release(Document):
    """What is released: the builds, their order, and the environments they pass through."""

    kind: Literal["Release"]
    metadata: ReleaseMetadata
    """The release's name, and its labels."""
    spec: ReleaseSpec
