"""What one release needs of a catalog, so that an order carries no more than that."""

from collections.abc import Iterator

from workflows.domain.calendar.reach import in_scope, may_set_aside
from workflows.domain.files import named_files
from workflows.domain.spec import Catalog, PersonSpec, PolicySpec, ReleaseSpec
from workflows.domain.traffic.dependencies import dependants


def needed(release: ReleaseSpec, catalog: Catalog) -> Catalog:
    """The part of *catalog* that *release* refers to, directly or through other documents.

    Of the people, all whom a policy asks, tells of a wait or lets set a window aside, or to whom
    an account may lead; where it brings an environment along, all who have an address; all there
    are where anybody may review its runbook, or Rego may ask for any role. Of windows and
    calendars, those in whose scope it changes something.
    References that name nothing are left out: `compile_plan` is the one that names them.
    """
    services = {s.name for s in release.services}
    beside = services | set(dependants(services, catalog.services))
    environments = {stop.name for stop in release.environments}
    strategies = set(_strategies(release, catalog))
    templates = {
        name
        for strategy, spec in catalog.strategies.items()
        if strategy in strategies
        for name in spec.templates
    }
    policies = {
        spec.policy_ref for name, spec in catalog.environments.items() if name in environments
    }
    journeys = {
        name
        for s in strategies & catalog.strategies.keys()
        for name in catalog.strategies[s].journeys
    }
    slos = set(_slos(services, templates, catalog))
    slis = {slo.spec.indicator_ref for name, slo in catalog.slos.items() if name in slos}
    made_from = set(_environment_templates(environments, catalog))
    documents = Catalog(
        services={n: s for n, s in catalog.services.items() if n in beside},
        environments={n: s for n, s in catalog.environments.items() if n in environments},
        environment_templates={
            n: s for n, s in catalog.environment_templates.items() if n in made_from
        },
        strategies={n: s for n, s in catalog.strategies.items() if n in strategies},
        analysis_templates={n: s for n, s in catalog.analysis_templates.items() if n in templates},
        journeys={n: j for n, j in catalog.journeys.items() if n in journeys},
        policies={n: s for n, s in catalog.policies.items() if n in policies},
        people=_people(
            release, [p for n, p in catalog.policies.items() if n in policies], catalog
        ),
        runbooks={n: r for n, r in catalog.runbooks.items() if n == release.rollback.runbook_ref},
        slos={n: s for n, s in catalog.slos.items() if n in slos},
        slis={n: s for n, s in catalog.slis.items() if n in slis},
        risk_models=catalog.risk_models,
    )
    return _with_files(release, _with_windows(release, documents, catalog), catalog)


def _people(
    release: ReleaseSpec, policies: list[PolicySpec], catalog: Catalog
) -> dict[str, PersonSpec]:
    if release.rollback.runbook_ref is not None or any(p.rules for p in policies):
        return catalog.people
    roles = frozenset(role for policy in policies for role in policy.roles)
    names = frozenset(name for policy in policies for name in policy.told)
    # Whoever asks for the release is told of its environments, and is not known yet.
    told = any(_environment_templates({stop.name for stop in release.environments}, catalog))
    return {
        name: person
        for name, person in catalog.people.items()
        if name in names
        or roles.intersection(person.roles)
        or (policies and person.accounts.all)
        or (told and person.email)
    }


def _with_windows(release: ReleaseSpec, documents: Catalog, catalog: Catalog) -> Catalog:
    """*documents* with the windows that *release* lies in, and who may set them aside."""
    windows = in_scope(release, catalog, catalog.change_windows)
    calendars = in_scope(release, catalog, catalog.calendars)
    if not windows and not calendars:
        return documents
    people = may_set_aside(catalog, (*windows.values(), *calendars.values()))
    return documents.model_copy(
        update={
            "change_windows": windows,
            "calendars": calendars,
            "people": {**documents.people, **people},
        }
    )


def _with_files(release: ReleaseSpec, documents: Catalog, catalog: Catalog) -> Catalog:
    """*documents* with the texts of the files that they and *release* name."""
    names = {name for _, name in (*named_files(release), *named_files(documents))}
    files = {name: text for name, text in catalog.files.items() if name in names}
    return documents.model_copy(update={"files": files}) if files else documents


def _strategies(release: ReleaseSpec, catalog: Catalog) -> Iterator[str]:
    for stop in release.environments:
        if stop.strategy_ref is not None:
            yield stop.strategy_ref
        elif stop.name in catalog.environments:
            yield catalog.environments[stop.name].strategy_ref


def _slos(services: set[str], templates: set[str], catalog: Catalog) -> Iterator[str]:
    for name, service in catalog.services.items():
        if name in services:
            yield from service.slos
    for name, template in catalog.analysis_templates.items():
        if name in templates:
            yield from template.slos


def _environment_templates(environments: set[str], catalog: Catalog) -> Iterator[str]:
    for name, spec in catalog.environments.items():
        if name in environments and spec.created_from is not None:
            yield spec.created_from.template_ref
