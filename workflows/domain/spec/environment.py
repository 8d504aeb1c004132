"""An environment of the catalog: the systems it is made of."""

from typing import Literal

from pydantic import Field

from workflows.domain.spec.document import Document
from workflows.domain.spec.environment_template import Parameter
from workflows.domain.spec.window import EnvironmentScope
from workflows.domain.values import Name, Provider, SpecPart
from workflows.domain.watching.silences import AlertsSpec


class CreatedFrom(SpecPart):
    """What the environment is created from for each release, which has it torn down at its end."""

    template_ref: Name
    """The `EnvironmentTemplate`; none that is protected, which no release could have removed."""
    parameters: dict[Parameter, str] = Field(default={}, max_length=100)
    """What is chosen of its parameters; all others are as the template says."""


class EnvironmentSpec(SpecPart):
    """An environment of the catalog: the systems it is made of and the rules that guard it."""

    artifacts: Provider
    """The store that builds are copied to, and run from."""
    platform: Provider
    """What runs the versions."""
    router: Provider
    """What splits the traffic between them."""
    metrics: Provider
    """What tells how each of them does."""
    database: Provider | None = None
    """What data checks look into; without one they are not run here."""
    flags: Provider | None = None
    """What holds the feature flags that strategies set here."""
    journeys: Provider | None = None
    """Where synthetic journeys enter."""
    alerts: AlertsSpec | None = None
    """Where expected alerts are silenced while versions are shifted."""
    strategy_ref: Name
    """The `Strategy` of releases that name none."""
    policy_ref: Name | None = None
    """The `Policy` that guards it; without one nobody has to approve."""
    scope: EnvironmentScope = EnvironmentScope()
    """Where it lies: which change windows it is in, and its own time of day."""
    created_from: CreatedFrom | None = None
    """The template it is created from when a release comes; without one it stands by itself."""


class Environment(Document):
    kind: Literal["Environment"]
    spec: EnvironmentSpec
