"""What people write in YAML: releases, and the catalog that says how and where they may go."""

from workflows.domain.spec.analysis import (
    Action,
    AnalysisTemplate,
    AnalysisTemplateSpec,
    CompareSpec,
    MetricSpec,
)
from workflows.domain.spec.catalog import KINDS, Catalog, CatalogDocument
from workflows.domain.spec.document import API_VERSION, Document
from workflows.domain.spec.environment import Environment, EnvironmentSpec
from workflows.domain.spec.policy import Person, PersonSpec, Policy, PolicySpec
from workflows.domain.spec.release import (
    Release,
    ReleaseEnvironment,
    ReleaseSpec,
    ServiceRelease,
)
from workflows.domain.spec.service import DataCheck, Service, ServiceSpec
from workflows.domain.spec.strategy import (
    AnalysisStep,
    PauseStep,
    SetHeaderRoute,
    Strategy,
    StrategySpec,
    StrategyStep,
)

__all__ = [
    "API_VERSION",
    "KINDS",
    "Action",
    "AnalysisStep",
    "AnalysisTemplate",
    "AnalysisTemplateSpec",
    "Catalog",
    "CatalogDocument",
    "CompareSpec",
    "DataCheck",
    "Document",
    "Environment",
    "EnvironmentSpec",
    "MetricSpec",
    "PauseStep",
    "Person",
    "PersonSpec",
    "Policy",
    "PolicySpec",
    "Release",
    "ReleaseEnvironment",
    "ReleaseSpec",
    "Service",
    "ServiceRelease",
    "ServiceSpec",
    "SetHeaderRoute",
    "Strategy",
    "StrategySpec",
    "StrategyStep",
]
