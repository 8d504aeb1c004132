"""A service of the catalog: who owns it, where its builds come from, what must hold."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from workflows.domain.durations import Duration
from workflows.domain.spec.analysis import ThresholdSpec
from workflows.domain.spec.document import Document
from workflows.domain.spec.matrix import DataClassName
from workflows.domain.spec.risk import OnCallSpec
from workflows.domain.traffic.clients import Clients
from workflows.domain.values import Name, Names, Provider, SpecPart
from workflows.domain.watching.silences import ExpectedAlert


class DataCheck(SpecPart):
    """A query that must return exactly one row with one number, equal to `expect`."""

    name: Name
    """What reports and the audit record call it."""
    query: str = Field(min_length=1, max_length=4000)
    """One SELECT; it runs read-only, with credentials leased for this look."""
    expect: int = 0
    """The one number that the query must return."""


class HealthSpec(SpecPart):
    """The new version is asked how it is, from its installation to the end of the bake."""

    every: Duration = timedelta(seconds=10)
    """How often."""
    failures: int = Field(default=3, ge=1, le=100)
    """So many failed checks in a row turn the release back."""


class ServiceSpec(SpecPart):
    """A service of the catalog: who owns it, where its builds come from, what must hold."""

    owner: Name
    """The team that answers for it."""
    builds: Provider
    """The store in which its builds are found."""
    criticality: Literal["low", "normal", "high", "critical"] = "normal"
    """How much a wrong promotion would cost: how much worse is looked for, and how long."""
    data_class: DataClassName = "unclassified"
    """How closely the data that it holds is kept; decision matrices may go by it."""
    thresholds: tuple[ThresholdSpec, ...] = Field(default=(), max_length=20)
    """Limits that every stage of every release of it keeps."""
    slos: Names = ()
    """The `SLO`s whose limits on a burning budget every stage and bake of it keeps."""
    health: HealthSpec = HealthSpec()
    """How its health is watched while a new version takes traffic."""
    expected_alerts: tuple[ExpectedAlert, ...] = Field(default=(), max_length=20)
    """Alerts that a shift may well raise for the new version, and that nobody need hear of."""
    data_checks: tuple[DataCheck, ...] = Field(default=(), max_length=20)
    """Run after each promotion into an environment that has a database."""
    dependencies: Names = ()
    """The services it calls; who calls a released one is at risk with it."""
    repository: Provider | None = None
    """Where its source is kept, of type `git`."""
    on_call: OnCallSpec | None = None
    """Who is woken when it breaks."""
    clients: Clients | None = None
    """How its clients behave; what `lockgate strategy router` goes by."""


class Service(Document):
    kind: Literal["Service"]
    spec: ServiceSpec
