"""The kinds of documents, and the catalog that they make."""

from workflows.domain.spec.analysis import AnalysisTemplate, AnalysisTemplateSpec
from workflows.domain.spec.environment import Environment, EnvironmentSpec
from workflows.domain.spec.policy import Person, PersonSpec, Policy, PolicySpec
from workflows.domain.spec.release import Release
from workflows.domain.spec.service import Service, ServiceSpec
from workflows.domain.spec.strategy import Strategy, StrategySpec
from workflows.domain.values import Name, SpecPart

CatalogDocument = Service | Environment | Strategy | AnalysisTemplate | Policy | Person
KINDS: dict[str, type[Release] | type[CatalogDocument]] = {
    kind.__name__: kind
    for kind in (Release, Service, Environment, Strategy, AnalysisTemplate, Policy, Person)
}


class Catalog(SpecPart):
    """The documents beside a release file, by kind and name."""

    services: dict[Name, ServiceSpec] = {}
    environments: dict[Name, EnvironmentSpec] = {}
    strategies: dict[Name, StrategySpec] = {}
    analysis_templates: dict[Name, AnalysisTemplateSpec] = {}
    policies: dict[Name, PolicySpec] = {}
    people: dict[Name, PersonSpec] = {}
