"""What people write in YAML: releases, and the catalog that says how and where they may go."""

from workflows.domain.slo.spec import OPENSLO_VERSION, Sli, Slo
from workflows.domain.spec.analysis import (
    Action,
    AnalysisTemplate,
    AnalysisTemplateSpec,
    CompareSpec,
    FigureSpec,
    MetricSpec,
    SeriesSpec,
    ThresholdSpec,
)
from workflows.domain.spec.approvals import ApprovalsSpec, ApproverRule
from workflows.domain.spec.catalog import KINDS, Catalog, CatalogDocument
from workflows.domain.spec.criteria import CriterionSpec, SignerSpec
from workflows.domain.spec.document import API_VERSION, Document
from workflows.domain.spec.environment import Environment, EnvironmentSpec
from workflows.domain.spec.environment_template import (
    EnvironmentTemplate,
    EnvironmentTemplateSpec,
)
from workflows.domain.spec.journey import Journey
from workflows.domain.spec.matrix import DecisionMatrix, MatrixRule
from workflows.domain.spec.policy import Person, PersonSpec, Policy, PolicySpec
from workflows.domain.spec.release import (
    Release,
    ReleaseEnvironment,
    ReleaseSpec,
    ServiceRelease,
    SourceSpec,
)
from workflows.domain.spec.risk import OnCallSpec, RiskModel, RiskModelSpec
from workflows.domain.spec.rules import RulesSpec
from workflows.domain.spec.runbook import Runbook, RunbookSpec
from workflows.domain.spec.schedule import Schedule, StartsSpec
from workflows.domain.spec.service import DataCheck, Service, ServiceSpec
from workflows.domain.spec.strategy import (
    AnalysisStep,
    BakeStep,
    PauseStep,
    SetHeaderRoute,
    Strategy,
    StrategySpec,
    StrategyStep,
)
from workflows.domain.spec.window import (
    Calendar,
    CalendarSpec,
    ChangeWindow,
    ChangeWindowSpec,
    ScheduleSpec,
)

__all__ = [
    "API_VERSION",
    "KINDS",
    "OPENSLO_VERSION",
    "Action",
    "AnalysisStep",
    "AnalysisTemplate",
    "AnalysisTemplateSpec",
    "ApprovalsSpec",
    "ApproverRule",
    "BakeStep",
    "Calendar",
    "CalendarSpec",
    "Catalog",
    "CatalogDocument",
    "ChangeWindow",
    "ChangeWindowSpec",
    "CompareSpec",
    "CriterionSpec",
    "DataCheck",
    "DecisionMatrix",
    "Document",
    "Environment",
    "EnvironmentSpec",
    "EnvironmentTemplate",
    "EnvironmentTemplateSpec",
    "FigureSpec",
    "Journey",
    "MatrixRule",
    "MetricSpec",
    "OnCallSpec",
    "PauseStep",
    "Person",
    "PersonSpec",
    "Policy",
    "PolicySpec",
    "Release",
    "ReleaseEnvironment",
    "ReleaseSpec",
    "RiskModel",
    "RiskModelSpec",
    "RulesSpec",
    "Runbook",
    "RunbookSpec",
    "Schedule",
    "ScheduleSpec",
    "SeriesSpec",
    "Service",
    "ServiceRelease",
    "ServiceSpec",
    "SetHeaderRoute",
    "SignerSpec",
    "Sli",
    "Slo",
    "SourceSpec",
    "StartsSpec",
    "Strategy",
    "StrategySpec",
    "StrategyStep",
    "ThresholdSpec",
]
