"""What must be shown of a build before an environment takes it, and whose signature counts."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from workflows.domain.durations import Duration
from workflows.domain.keys import fingerprint
from workflows.domain.spec.gates import RESERVED
from workflows.domain.values import FileName, Name, Names, SpecPart

Evidence = Literal[
    "test-result",
    "coverage",
    "sarif",
    "sbom",
    "slsa-provenance",
    "benchmark",
    "migration-rehearsal",
    "security-sign-off",
]
Level = Literal["note", "warning", "error"]
Severity = Literal["low", "medium", "high", "critical"]
AnalysisState = Literal[
    "unstated",
    "exploitable",
    "in_triage",
    "not_affected",
    "false_positive",
    "resolved",
    "resolved_with_pedigree",
]
SignerRef = Annotated[str, Field(pattern=r"^(role:)?[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")]
"""The name of a signer, or `role:` and a role: whichever signer holds it."""

ROLE = "role:"
CONFIDENCES = (0.9, 0.95, 0.99)
_PERCENTAGE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?%")


def _parse_share(written: object) -> object:
    """Read `5%` as 0.05; leave anything but such a text to pydantic.

    Raises:
        ValueError: the text is not a percentage.
    """
    if not isinstance(written, str):
        return written
    if _PERCENTAGE.fullmatch(written) is None:
        raise ValueError(f"{written!r} is not a share such as 5% or 0.05")
    return float(written.removesuffix("%")) / 100


Share = Annotated[float, BeforeValidator(_parse_share), Field(ge=0, le=1, allow_inf_nan=False)]
"""A part of a whole, 0 to 1; in files also `5%`."""


def _supported(confidence: float) -> float:
    if confidence not in CONFIDENCES:
        raise ValueError(f"must be one of {', '.join(map(str, CONFIDENCES))}")
    return confidence


Confidence = Annotated[
    float, AfterValidator(_supported), WithJsonSchema({"enum": list(CONFIDENCES)})
]


class SignerSpec(SpecPart):
    """Somebody whose signature counts, by the public key that checks it."""

    name: Name
    """What criteria call it in `signedBy`."""
    public_key: str | None = Field(default=None, max_length=1000)
    """The key in PEM: ed25519, or ECDSA on P-256."""
    key_file: FileName | None = None
    """Instead, a file beside the catalog that holds it."""
    transit_key: Name | None = None
    """Instead, a key of the vault's transit engine; every version of it counts."""
    roles: Names = Field(default=(), max_length=10)
    """The roles that it signs for, such as `security`; asked for by `role:security`."""
    person: Name | None = None
    """The `Person` who holds the private key, where it is one: nobody signs off their own
    release."""
    builders: Annotated[
        dict[str, Annotated[int, Field(ge=1, le=4)]], Field(min_length=0, max_length=20)
    ] = {}
    """The SLSA build level that each `builder.id` signing with this key is trusted for; one that
    is not listed has level 1."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        given = [self.public_key, self.key_file, self.transit_key]
        if sum(each is not None for each in given) != 1:
            raise ValueError("give publicKey, keyFile or transitKey, one of them")
        if self.public_key is not None:
            fingerprint(self.public_key)
        return self


class FailingResults(SpecPart):
    """Which results of an analyser are too bad: those that nobody has suppressed."""

    level: Level = "error"
    """This level and those above it."""
    baseline_state: Literal["new", "any"] = "new"
    """`new`: what the baseline already had is tolerated; without a baseline all of it is new."""


class FailingVulnerabilities(SpecPart):
    """Which vulnerabilities of a bill of materials are too bad."""

    severity: Severity = "high"
    """This severity and those above it; one without a severity counts as critical."""
    states: tuple[AnalysisState, ...] = Field(
        default=("unstated", "exploitable", "in_triage"), min_length=1, max_length=7
    )
    """What its analysis says; `unstated` where it has none."""


class CriterionSpec(SpecPart):
    """What one kind of evidence must show of every build of the release; missing is not met."""

    name: Name
    """What reports and blocked gates call it."""
    evidence: Evidence
    """The kind of evidence; the fields below say for which kind they are."""
    max_age: Duration | None = None
    """Evidence that was produced longer ago counts no more."""
    signed_by: tuple[SignerRef, ...] = Field(default=(), max_length=10)
    """Signers of this policy, or `role:NAME`; one signature of them is enough. Without it any
    file counts that was added to this build. Required for `slsa-provenance` and
    `security-sign-off`."""
    services: Names = Field(default=(), max_length=50)
    """The services it is asked of; by default all."""
    advisory: bool = False
    """Shown, and no reason to wait."""
    waived_by: Name | None = None
    """The role whose members may waive it; without one nobody may."""
    result: Literal["PASSED", "WARNED"] | None = None
    """For `test-result`: the worst result that is good enough; by default PASSED."""
    suite: str | None = Field(default=None, min_length=1, max_length=200)
    """For `test-result`: which suite; by default the newest result of any."""
    min_tests: int | None = Field(default=None, ge=0, le=10_000_000)
    """For `test-result`: so many tests must have passed, by default 1; a skipped one did not."""
    max_skipped: int | None = Field(default=None, ge=0, le=10_000_000)
    """For `test-result`: no more than so many may be skipped."""
    min_lines: Share | None = None
    """For `coverage`: the part of all lines that tests must reach."""
    min_branches: Share | None = None
    """For `coverage`: the part of all branches."""
    fail: FailingResults | None = None
    """For `sarif`: what may not be found."""
    tool: str | None = Field(default=None, min_length=1, max_length=200)
    """For `sarif`: which analyser; by default the newest report of any."""
    min_components: int | None = Field(default=None, ge=0, le=10_000_000)
    """For `sbom`: so many components must be listed, by default 1."""
    vulnerabilities: FailingVulnerabilities | None = None
    """For `sbom`: which vulnerabilities may not be in it."""
    min_level: int | None = Field(default=None, ge=1, le=4)
    """For `slsa-provenance`: the build level that the signer must be trusted for, by default 1."""
    builder_id: str | None = Field(default=None, min_length=1, max_length=500)
    """For `slsa-provenance`: the builder; required."""
    build_type: str | None = Field(default=None, min_length=1, max_length=500)
    """For `slsa-provenance`: how the builder was used."""
    source: str | None = Field(default=None, min_length=1, max_length=500)
    """For `slsa-provenance`: the repository that must be among what was built from; `{service}`
    in it is the service's name."""
    external_parameters: Annotated[dict[str, str], Field(max_length=50)] | None = None
    """For `slsa-provenance`: every parameter that the build may have had, by its path, such as
    `workflow.ref`, and its value; another one, or another value, fails. By default none."""
    max_regression: Share | None = None
    """For `benchmark`: how much worse than its baseline each case may be, at the `confidence`;
    required."""
    confidence: Confidence | None = None
    """For `benchmark`: how sure it must be that no case is worse than that, by default 0.95."""
    cases: tuple[Annotated[str, Field(max_length=200)], ...] = Field(default=(), max_length=50)
    """For `benchmark`: the cases that must be measured; by default those that were."""
    max_duration: Duration | None = None
    """For `migration-rehearsal`: how long it may have taken."""
    rolled_back: bool | None = None
    """For `migration-rehearsal`: whether its way back must have been rehearsed as well."""

    @model_validator(mode="after")
    def _parts_belong(self) -> Self:
        kind = self.evidence
        for part in sorted(self.model_fields_set - _COMMON):
            if part not in _PARTS[kind]:
                raise ValueError(f"{to_camel(part)} does not belong to {kind}")
        for part in _NEEDED.get(kind, ()):
            if getattr(self, part) in {None, ()}:
                raise ValueError(f"{to_camel(part)} is required for {kind}")
        if kind == "coverage" and self.min_lines is None and self.min_branches is None:
            raise ValueError("give minLines, minBranches or both: this asks for nothing")
        return self


_COMMON = frozenset(
    {"name", "evidence", "max_age", "signed_by", "services", "advisory", "waived_by"}
)
_PARTS: dict[Evidence, tuple[str, ...]] = {
    "test-result": ("result", "suite", "min_tests", "max_skipped"),
    "coverage": ("min_lines", "min_branches"),
    "sarif": ("fail", "tool"),
    "sbom": ("min_components", "vulnerabilities"),
    "slsa-provenance": (
        "min_level",
        "builder_id",
        "build_type",
        "source",
        "external_parameters",
    ),
    "benchmark": ("max_regression", "confidence", "cases"),
    "migration-rehearsal": ("max_duration", "rolled_back"),
    "security-sign-off": (),
}
_NEEDED: dict[Evidence, tuple[str, ...]] = {
    "slsa-provenance": ("signed_by", "builder_id"),
    "benchmark": ("max_regression",),
    "security-sign-off": ("signed_by",),
}


def signer_problems(
    criteria: tuple[CriterionSpec, ...], signers: tuple[SignerSpec, ...]
) -> Iterator[str]:
    """Name what of a policy's criteria and signers does not fit together."""
    for what, names in (
        ("criteria", [criterion.name for criterion in criteria]),
        ("signers", [signer.name for signer in signers]),
    ):
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield f"{what}: {name!r} is named twice"
    for criterion in criteria:
        if criterion.name in RESERVED:
            yield f"criteria: {criterion.name!r} is the name of another gate"
    known = {signer.name for signer in signers}
    known |= {f"{ROLE}{role}" for signer in signers for role in signer.roles}
    for criterion in criteria:
        for wanted in criterion.signed_by:
            if wanted not in known:
                there = ", ".join(sorted(known)) or "none"
                yield (
                    f"criteria.{criterion.name}.signedBy: {wanted!r} is no signer of this policy; "
                    f"there are {there}"
                )
