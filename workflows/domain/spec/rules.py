"""Rules in Rego that guard an environment, beside who must agree."""

from typing import Literal

from pydantic import Field

from workflows.domain.values import FileName, SpecPart


class RulesSpec(SpecPart):
    """Rego over everything that is known of a release: it may deny, warn, or ask for a role."""

    files: tuple[FileName, ...] = Field(min_length=1, max_length=20)
    """Rego files, from the catalog's folder. Their tests, `*_test.rego`, stand beside them."""
    package: str = Field(default="lockgate", pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$")
    """The package whose `deny`, `warn` and `require` are asked."""
    severity: Literal["deny", "warn"] = "deny"
    """`warn` for rules on trial: whatever they deny, or ask for, is a warning only."""
