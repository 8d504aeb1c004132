"""What rules say about a release."""

from collections.abc import Iterable
from enum import StrEnum

from workflows.domain.values import Value


class Effect(StrEnum):
    DENY = "deny"
    WARN = "warn"
    REQUIRE = "require"


class Finding(Value):
    """One thing that the rules of a policy say about a release in one environment.

    `role` and `count` belong to `require`: so many people who hold it must approve besides. With
    `broken`, no rule said it: the rules could not be evaluated, or go by a fact that nobody knows,
    which `unassessed` names.
    """

    environment: str
    policy: str
    effect: Effect
    message: str
    role: str | None = None
    count: int = 1
    file: str = ""
    line: int = 0
    broken: bool = False
    unassessed: str | None = None

    @property
    def place(self) -> str:
        """The rule as `file:line`; empty where the engine cannot say."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        asked = f"{self.role} x {self.count}: " if self.role is not None else ""
        place = f" ({self.place})" if self.place else ""
        return f"{self.environment}: {asked}{self.message}{place}"


def denials(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Why the rules forbid the release, one sentence each."""
    return tuple(
        f"policy {finding.policy} denies {finding}"
        for finding in findings
        if finding.effect is Effect.DENY
    )
