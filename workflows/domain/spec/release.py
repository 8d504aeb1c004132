"""What is released: the builds, their order, and the environments they pass through."""

from typing import Literal

from pydantic import Field

from workflows.domain.spec.document import Document
from workflows.domain.values import Digest, Name, Names, SpecPart


class ChangeSpec(SpecPart):
    """Why the release is made; shown to approvers, kept in the audit record."""

    summary: str = Field(min_length=1, max_length=200)
    """One sentence for those who approve."""
    ticket: str | None = Field(default=None, max_length=64)
    """The change ticket, as your tracker names it."""


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
    depends_on: Names = ()
    """Services of this release that are promoted first, and go back last."""


class ReleaseEnvironment(SpecPart):
    """An environment the release passes through; `strategyRef` overrides the environment's own."""

    name: Name
    """An `Environment` of the catalog."""
    strategy_ref: Name | None = None
    """A `Strategy` of the catalog, instead of the environment's own."""


class ReleaseSpec(SpecPart):
    """Why, what and where."""

    change: ChangeSpec
    """Why."""
    services: tuple[ServiceRelease, ...] = Field(min_length=1, max_length=50)
    """What; they go in the order of `dependsOn`, else as written."""
    environments: tuple[ReleaseEnvironment, ...] = Field(min_length=1, max_length=10)
    """Where, one after the other, as written."""


class Release(Document):
    """What is released: the builds, their order, and the environments they pass through."""

    kind: Literal["Release"]
    spec: ReleaseSpec
