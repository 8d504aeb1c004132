"""A template that environments are made from: what, for how long, at what price, and their end."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workflows.domain.durations import Duration, write_duration
from workflows.domain.spec.document import Document
from workflows.domain.values import FileName, Name, Provider, SpecPart

Parameter = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,254}$")]
"""A parameter of a CloudFormation template, as it names it."""
ResourceType = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(::[A-Za-z0-9]+){2,4}$")]
"""A kind of resource as CloudFormation names it: `AWS::S3::Bucket`."""
Amount = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=6)]
"""Money, in the currency of the template's prices."""
DataClass = Literal["public", "internal", "confidential", "restricted"]


class TemplateFile(SpecPart):
    """What the provider makes the environment from."""

    file: FileName
    """A CloudFormation template in the catalog's folder; its digest is kept with what it made."""


class ParameterSpec(SpecPart):
    """What may be chosen for one parameter of the template; all others take their own defaults."""

    allowed: tuple[str, ...] = Field(default=(), max_length=100)
    """The values that may be asked for; empty where the template's own rules are enough."""
    default: str | None = None
    """What it is where nobody chooses; the template's own default where this is left out."""

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.default is not None and self.allowed and self.default not in self.allowed:
            raise ValueError(f"default {self.default!r} is not in allowed")
        return self


class LeaseSpec(SpecPart):
    """How long an environment lives, and when its owner is warned of its end."""

    ttl: Duration
    """How long it lives unless it is extended."""
    longest: Duration
    """How old it may get, with every extension."""
    warn_before: tuple[Duration, ...] = Field(default=(timedelta(hours=24),), max_length=5)
    """How long before its end the owner is warned, each once."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.ttl <= timedelta(0):
            raise ValueError("ttl must be longer than nothing")
        if self.longest < self.ttl:
            raise ValueError(f"longest is shorter than ttl, {write_duration(self.ttl)}")
        return self


class ExtensionSpec(SpecPart):
    """What an owner may add to the life of an environment without asking anybody."""

    times: int = Field(default=2, ge=0, le=100)
    """How often."""
    by: Duration = timedelta(days=1)
    """How long each is, at most."""
    money: Amount | None = None
    """What all of its life may cost; with unknown prices nothing can be kept within it."""


class PriceSpec(SpecPart):
    """What one resource of a type costs for each hour that it exists."""

    type: ResourceType
    """The kind of resource."""
    per_hour: Amount | None = None
    """The same for each of them."""
    by: Parameter | None = None
    """The parameter that the price depends on, with a price for each of its values."""
    per_hour_by: dict[str, Amount] = Field(default={}, max_length=100)
    """The price for each value of the parameter `by`."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.per_hour is None) == (self.by is None):
            raise ValueError("give perHour, or by with perHourBy")
        if bool(self.per_hour_by) != (self.by is not None):
            raise ValueError("by and perHourBy go together")
        return self


class PricesSpec(SpecPart):
    """The price table; a type that it lacks has an unknown price, which is not zero."""

    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    """Three letters, as ISO 4217 has them."""
    resources: tuple[PriceSpec, ...] = Field(default=(), max_length=200)
    """One entry for each type."""

    @model_validator(mode="after")
    def _one_entry_each(self) -> Self:
        types = [price.type for price in self.resources]
        if twice := sorted({each for each in types if types.count(each) > 1}):
            raise ValueError(f"two prices for {', '.join(twice)}")
        return self


class TeardownSpec(SpecPart):
    """How an environment ends."""

    empty_buckets: bool = True
    """Whether buckets are emptied, with every version; one that is not stops the teardown."""
    termination_protection: Literal["lift", "refuse"] = "lift"
    """What to do about a stack that is protected against deletion: `refuse` asks a person."""
    snapshots: tuple[str, ...] = Field(default=(), max_length=50)
    """Resources of which a final snapshot is kept, by their names in the template."""


class EnvironmentTemplateSpec(SpecPart):
    """What environments are made from, and the rules of their life."""

    owner: Name
    """The team that answers for every environment made from it."""
    template: TemplateFile
    """What the provider makes it from."""
    provider: Provider
    """Where it is made."""
    parameters: dict[Parameter, ParameterSpec] = Field(default={}, max_length=100)
    """What may be chosen; nothing else may be given."""
    lease: LeaseSpec
    """How long it lives."""
    extension: ExtensionSpec = ExtensionSpec()
    """How much longer its owner may keep it."""
    prices: PricesSpec = PricesSpec()
    """What it costs."""
    data_class: DataClass = "internal"
    """The most sensitive data it may hold; `restricted` is never deleted without a snapshot."""
    teardown: TeardownSpec = TeardownSpec()
    """How it ends."""
    protected: bool = False
    """Whether nothing tears it down before a person says so by name, not even its expiry."""


class EnvironmentTemplate(Document):
    """A template that environments are made from."""

    kind: Literal["EnvironmentTemplate"]
    spec: EnvironmentTemplateSpec
