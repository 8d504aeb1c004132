"""From a template of the catalog and what somebody chose, to the plan of one environment."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import JsonValue

from workflows.domain.environments.order import (
    Blueprint,
    EnvironmentPlan,
    LeaseRule,
    PriceTable,
    TeardownRule,
)
from workflows.domain.errors import PolicyViolated
from workflows.domain.spec import Catalog
from workflows.domain.spec.environment_template import (
    EnvironmentTemplateSpec,
    ParameterSpec,
    PricesSpec,
)


def plan_environment(
    template: str, catalog: Catalog, chosen: Mapping[str, str]
) -> EnvironmentPlan:
    """What *template* of the catalog makes with the parameters that were *chosen*.

    Raises:
        PolicyViolated: no such template, or choices that it does not allow; all of them, one a
            line.
    """
    spec = catalog.environment_templates.get(template)
    if spec is None:
        listed = ", ".join(sorted(catalog.environment_templates)) or "none at all"
        raise PolicyViolated(
            f"EnvironmentTemplate {template!r} is not in the catalog, which has {listed}"
        )
    if problems := [problem for _, problem in refused_choices(spec.parameters, chosen)]:
        raise PolicyViolated("\n".join(problems))
    defaults = {n: p.default for n, p in spec.parameters.items() if p.default is not None}
    parameters = {**defaults, **chosen}
    lease, extension = spec.lease, spec.extension
    return EnvironmentPlan(
        provider=spec.provider,
        blueprint=Blueprint(
            template=template,
            text=catalog.files[spec.template.file],
            parameters=dict(sorted(parameters.items())),
        ),
        team=spec.owner,
        lease=LeaseRule(
            ttl=lease.ttl,
            longest=lease.longest,
            warn_before=tuple(sorted(set(lease.warn_before), reverse=True)),
            extensions=extension.times,
            extend_by=extension.by,
            money=extension.money,
        ),
        prices=price_table(spec.prices, parameters),
        teardown=_teardown(spec),
        protected=spec.protected,
    )


def contact_of(owner: str, catalog: Catalog) -> str | None:
    """Where *owner* is told what becomes of their environments, if the catalog says so."""
    person = catalog.people.get(owner)
    return person.email if person is not None else None


def contact_in(catalog: Mapping[str, JsonValue], owner: str) -> str | None:
    """The same, of a catalog's documents as an order carries them, which were found in order."""
    people = catalog.get("people")
    person = people.get(owner) if isinstance(people, dict) else None
    address = person.get("email") if isinstance(person, dict) else None
    return address if isinstance(address, str) else None


def price_table(prices: PricesSpec, parameters: Mapping[str, str]) -> PriceTable:
    """The prices with these parameters; a value that has none leaves its type's unknown."""
    known: dict[str, Decimal] = {}
    for price in prices.resources:
        amount = price.per_hour
        if price.by is not None:
            amount = price.per_hour_by.get(parameters.get(price.by, ""))
        if amount is not None:
            known[price.type] = amount
    return PriceTable(currency=prices.currency, per_hour=known)


def refused_choices(
    rules: Mapping[str, ParameterSpec], chosen: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Each parameter that was *chosen* and may not be, or not so, with what is wrong."""
    for name, value in sorted(chosen.items()):
        if name not in rules:
            listed = ", ".join(sorted(rules)) or "none"
            yield (
                name,
                f"parameter {name!r} cannot be chosen; the template lets choose {listed}",
            )
        elif rules[name].allowed and value not in rules[name].allowed:
            allowed = ", ".join(rules[name].allowed)
            yield name, f"parameter {name}: {value!r} is not one of {allowed}"


def _teardown(spec: EnvironmentTemplateSpec) -> TeardownRule:
    written = spec.teardown
    return TeardownRule(
        empty_buckets=written.empty_buckets,
        lift_protection=written.termination_protection == "lift",
        snapshots=written.snapshots,
        snapshot_all=spec.data_class == "restricted",
    )
