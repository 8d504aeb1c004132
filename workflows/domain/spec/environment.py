"""An environment of the catalog: the systems it is made of."""

from typing import Literal

from workflows.domain.spec.document import Document
from workflows.domain.values import Name, Provider, SpecPart


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
    strategy_ref: Name
    """The `Strategy` of releases that name none."""
    policy_ref: Name | None = None
    """The `Policy` that guards it; without one nobody has to approve."""


class Environment(Document):
    kind: Literal["Environment"]
    spec: EnvironmentSpec
