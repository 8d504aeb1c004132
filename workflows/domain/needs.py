"""What one release needs of a catalog, so that an order carries no more than that."""

from collections.abc import Iterator
from typing import TypeVar

from workflows.domain.calendar.scope import Place
from workflows.domain.files import named_files
<<<<<<< HEAD
from workflows.domain.spec import Catalog, ReleaseSpec
from workflows.domain.spec.window import WindowTerms
=======
from workflows.domain.spec import Catalog, PersonSpec, PolicySpec, ReleaseSpec
>>>>>>> main


def needed(release: ReleaseSpec, catalog: Catalog) -> Catalog:
    """The part of *catalog* that *release* refers to, directly or through other documents.

<<<<<<< HEAD
    Of the people, all who hold a role that a policy of the release asks for, or that a window may
    be set aside by; of windows and calendars, those in whose scope it changes something.
    References that name nothing are left out: `compile_plan` is the one that names them.
=======
    Of the people, all who hold a role that a policy of the release asks for; all there are where
    anybody may review its runbook. References that name nothing are left
    out: `compile_plan` is the one that names them.
>>>>>>> main
    """
    services = {s.name for s in release.services}
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
    slos = {name for n, s in catalog.services.items() if n in services for name in s.slos}
    slos |= {
        name
        for template, spec in catalog.analysis_templates.items()
        if template in templates
        for name in spec.slos
    }
    slis = {slo.spec.indicator_ref for name, slo in catalog.slos.items() if name in slos}
<<<<<<< HEAD
    roles = {
        rule.role
        for name, policy in catalog.policies.items()
        if name in policies
        for rule in policy.approvals.require
    }
    windows = _in_scope(release, catalog, catalog.change_windows)
    calendars = _in_scope(release, catalog, catalog.calendars)
    overridable = [
        terms.override for terms in (*windows.values(), *calendars.values()) if terms.override
    ]
    roles |= {role for override in overridable for role in override.roles}
=======
>>>>>>> main
    documents = Catalog(
        services={n: s for n, s in catalog.services.items() if n in services},
        environments={n: s for n, s in catalog.environments.items() if n in environments},
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
        change_windows=windows,
        calendars=calendars,
    )
    return _with_files(release, documents, catalog)


<<<<<<< HEAD
Terms = TypeVar("Terms", bound=WindowTerms)


def _in_scope(
    release: ReleaseSpec, catalog: Catalog, windows: dict[str, Terms]
) -> dict[str, Terms]:
    """The windows that are about a place where the release changes something."""
    places = [
        Place(
            org=scope.org,
            region=scope.region,
            teams=tuple(dict.fromkeys(filter(None, (catalog.services[s.name].owner, scope.team)))),
            service=s.name,
            environment=stop.name,
        )
        for stop in release.environments
        if stop.name in catalog.environments
        for s in release.services
        if s.name in catalog.services
        for scope in (catalog.environments[stop.name].scope,)
    ]
    return {
        name: terms
        for name, terms in windows.items()
        if any(place.within(terms.scope) for place in places)
=======
def _people(
    release: ReleaseSpec, policies: list[PolicySpec], catalog: Catalog
) -> dict[str, PersonSpec]:
    if release.rollback.runbook_ref is not None:
        return catalog.people
    roles = {rule.role for policy in policies for rule in policy.asked}
    reviews = [p.readiness_review for p in policies if p.readiness_review is not None]
    levels = [level for review in reviews for level in review.escalate_to]
    roles |= {role for review in reviews for role in review.roles}
    roles |= {level.role for level in levels if level.role is not None}
    names = {level.person for level in levels}
    return {
        name: person
        for name, person in catalog.people.items()
        if name in names or roles.intersection(person.roles)
>>>>>>> main
    }


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
