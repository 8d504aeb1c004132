"""A service of the catalog: who owns it, where its builds come from, what must hold."""

from typing import Literal

from pydantic import Field

from workflows.domain.clients import Clients
from workflows.domain.spec.document import Document
from workflows.domain.values import Name, Provider, SpecPart


class DataCheck(SpecPart):
    """A query that must return exactly one row with one number, equal to `expect`."""

    name: Name
    """What reports and the audit record call it."""
    query: str = Field(min_length=1, max_length=4000)
    """One SELECT; it runs read-only, with credentials leased for this look."""
    expect: int = 0
    """The one number that the query must return."""


class ServiceSpec(SpecPart):
    """A service of the catalog: who owns it, where its builds come from, what must hold."""

    owner: Name
    """The team that answers for it."""
    builds: Provider
    """The store in which its builds are found."""
    data_checks: tuple[DataCheck, ...] = Field(default=(), max_length=20)
    """Run after each promotion into an environment that has a database."""
    clients: Clients | None = None
    """How its clients behave; what `lockgate strategy router` goes by."""


class Service(Document):
    kind: Literal["Service"]
    spec: ServiceSpec
