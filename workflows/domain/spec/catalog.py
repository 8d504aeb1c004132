"""The kinds of documents, and the catalog that they make."""

from workflows.domain.slo.spec import Sli, Slo
from workflows.domain.spec.analysis import AnalysisTemplate, AnalysisTemplateSpec
from workflows.domain.spec.environment import Environment, EnvironmentSpec
from workflows.domain.spec.environment_template import (
    EnvironmentTemplate,
    EnvironmentTemplateSpec,
)
from workflows.domain.spec.journey import Journey, JourneySpec
from workflows.domain.spec.policy import Person, PersonSpec, Policy, PolicySpec
from workflows.domain.spec.release import Release
from workflows.domain.spec.risk import RiskModel, RiskModelSpec
from workflows.domain.spec.runbook import Runbook, RunbookSpec
from workflows.domain.spec.schedule import Schedule
from workflows.domain.spec.service import Service, ServiceSpec
from workflows.domain.spec.strategy import Strategy, StrategySpec
from workflows.domain.spec.window import (
    Calendar,
    CalendarSpec,
    ChangeWindow,
    ChangeWindowSpec,
)
from workflows.domain.values import FileName, Name, SpecPart

CatalogDocument = (
    Service
    | Environment
    | EnvironmentTemplate
    | Strategy
    | AnalysisTemplate
    | Journey
    | Policy
    | Person
    | RiskModel
    | Runbook
    | Slo
    | Sli
    | ChangeWindow
    | Calendar
)
KINDS: dict[str, type[Release] | type[Schedule] | type[CatalogDocument]] = {
    "Release": Release,
    "Service": Service,
    "Environment": Environment,
    "EnvironmentTemplate": EnvironmentTemplate,
    "Strategy": Strategy,
    "AnalysisTemplate": AnalysisTemplate,
    "Journey": Journey,
    "Policy": Policy,
    "Person": Person,
    "Runbook": Runbook,
    "SLO": Slo,
    "SLI": Sli,
    "ChangeWindow": ChangeWindow,
    "Calendar": Calendar,
    "RiskModel": RiskModel,
    "Schedule": Schedule,
}


class Catalog(SpecPart):
    """The documents beside a release file, by kind and name."""

    services: dict[Name, ServiceSpec] = {}
    environments: dict[Name, EnvironmentSpec] = {}
    environment_templates: dict[Name, EnvironmentTemplateSpec] = {}
    strategies: dict[Name, StrategySpec] = {}
    analysis_templates: dict[Name, AnalysisTemplateSpec] = {}
    journeys: dict[Name, JourneySpec] = {}
    policies: dict[Name, PolicySpec] = {}
    people: dict[Name, PersonSpec] = {}
    runbooks: dict[Name, RunbookSpec] = {}
    slos: dict[Name, Slo] = {}
    slis: dict[Name, Sli] = {}
    change_windows: dict[Name, ChangeWindowSpec] = {}
    calendars: dict[Name, CalendarSpec] = {}
    risk_models: dict[Name, RiskModelSpec] = {}
    files: dict[FileName, str] = {}
    """The texts of the files that the documents name."""

    @property
    def risk_model(self) -> RiskModelSpec:
        """The one that counts: the catalog's, or else the built-in one."""
        return next(iter(self.risk_models.values()), RiskModelSpec())
