"""Is there evidence enough: each criterion of a policy, for each build of a release."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from workflows.domain.attestations.attestation import Attestation, Sentence, label_of
from workflows.domain.attestations.predicates import Asked, shortfalls
from workflows.domain.attestations.signers import key_id
from workflows.domain.durations import write_duration
from workflows.domain.spec.criteria import ROLE, CriterionSpec, SignerSpec
from workflows.domain.values import Digest, Value, short


class CriterionOutcome(StrEnum):
    MET = "met"
    FAILED = "failed"
    MISSING = "missing"
    STALE = "stale"
    UNTRUSTED = "untrusted"


class CriterionResult(Value):
    """What the evidence of one build makes of one criterion, and why.

    `attestation` is the digest of the file that decided. Only `met` is good; whoever has the role
    `waived_by` may waive the rest, and what is `advisory` blocks nothing.
    """

    environment: str
    name: str
    evidence: str
    service: str
    artifact: Digest
    outcome: CriterionOutcome
    why: Sentence
    attestation: Digest | None = None
    advisory: bool = False
    waived_by: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the release must wait for it."""
        return self.outcome is not CriterionOutcome.MET and not self.advisory

    @property
    def pinned(self) -> "PinnedCriterion":
        """What of it an approval is bound to: not its words."""
        return PinnedCriterion(
            environment=self.environment,
            name=self.name,
            service=self.service,
            outcome=self.outcome,
            attestation=self.attestation,
        )


class PinnedCriterion(Value):
    """A result as it goes into the decision digest: other evidence is another decision."""

    environment: str
    name: str
    service: str
    outcome: CriterionOutcome
    attestation: Digest | None = None


class Ground(Value):
    """What criteria are judged on, beside the evidence: whose builds, for whom, and when."""

    environment: str
    artifacts: dict[str, Digest]
    requested_by: str
    now: datetime


def judge_criteria(
    criteria: Iterable[CriterionSpec],
    signers: Iterable[SignerSpec],
    attestations: Iterable[Attestation],
    ground: Ground,
) -> tuple[CriterionResult, ...]:
    """Judge each criterion for each service that it is asked of, in the order they are written.

    The newest evidence that can be believed and bears a signature that counts decides: a later
    failure undoes an earlier success, and what nobody vouches for can do neither.
    """
    found, known = tuple(attestations), tuple(signers)
    return tuple(
        _judge(criterion, known, found, service=service, ground=ground)
        for criterion in criteria
        for service in ground.artifacts
        if not criterion.services or service in criterion.services
    )


def _judge(
    criterion: CriterionSpec,
    signers: tuple[SignerSpec, ...],
    attestations: tuple[Attestation, ...],
    *,
    service: str,
    ground: Ground,
) -> CriterionResult:
    artifact = ground.artifacts[service]
    offered = [each for each in attestations if _is_about(criterion, artifact, each)]
    vouched = [each for each in offered if _vouching(criterion, signers, each) is not None]
    newest = max(vouched or offered, key=lambda each: (each.at, each.digest), default=None)
    outcome, why = _outcome(criterion, signers, newest, service=service, ground=ground)
    return CriterionResult(
        environment=ground.environment,
        name=criterion.name,
        evidence=criterion.evidence,
        service=service,
        artifact=artifact,
        outcome=outcome,
        why=why[:1000],
        attestation=None if newest is None else newest.digest,
        advisory=criterion.advisory,
        waived_by=criterion.waived_by,
    )


def _is_about(criterion: CriterionSpec, artifact: Digest, offered: Attestation) -> bool:
    """Whether it is of the kind, the build, and the suite or tool that the criterion names.

    What cannot be read is about whatever it claims: it must not pass for missing.
    """
    if offered.artifact != artifact or offered.type != criterion.evidence:
        return False
    wanted = criterion.suite or criterion.tool
    return wanted is None or offered.figures is None or label_of(offered.figures) == wanted


def _vouching(
    criterion: CriterionSpec, signers: tuple[SignerSpec, ...], offered: Attestation
) -> tuple[SignerSpec, ...] | None:
    """The signers that vouch for it as the criterion asks; None where it cannot be relied on."""
    if offered.flaw or offered.figures is None:
        return None
    good = tuple(signer for signer in signers if key_id(signer) in offered.keys)
    if not criterion.signed_by:
        return good
    return tuple(signer for signer in good if _is_asked(criterion, signer)) or None


def _is_asked(criterion: CriterionSpec, signer: SignerSpec) -> bool:
    known = {signer.name, *(f"{ROLE}{role}" for role in signer.roles)}
    return not known.isdisjoint(criterion.signed_by)


def _outcome(
    criterion: CriterionSpec,
    signers: tuple[SignerSpec, ...],
    newest: Attestation | None,
    *,
    service: str,
    ground: Ground,
) -> tuple[CriterionOutcome, str]:
    if newest is None:
        return CriterionOutcome.MISSING, _absence(criterion, service, ground.artifacts[service])
    vouching = _vouching(criterion, signers, newest)
    named = f"{criterion.evidence} {short(newest.digest)} of {service}"
    if vouching is None:
        return CriterionOutcome.UNTRUSTED, f"{named}: {_distrust(criterion, newest)}"
    if newest.at > ground.now:
        return CriterionOutcome.UNTRUSTED, f"{named}: it was produced in the future"
    age = ground.now - newest.at
    if criterion.max_age is not None and age > criterion.max_age:
        made, limit = f"{newest.at:%Y-%m-%d %H:%M}Z", write_duration(criterion.max_age)
        return CriterionOutcome.STALE, f"{named}: of {made}, older than {limit}; run it again"
    asked = Asked(criterion, service, vouching, ground.requested_by)
    if problems := shortfalls(asked, newest.figures):
        return CriterionOutcome.FAILED, f"{named}: {'; '.join(problems)}"
    return CriterionOutcome.MET, f"{named}: as asked"


def _absence(criterion: CriterionSpec, service: str, artifact: Digest) -> str:
    of = f" of suite {criterion.suite}" if criterion.suite else ""
    of += f" by {criterion.tool}" if criterion.tool else ""
    return (
        f"no {criterion.evidence}{of} about {service} ({short(artifact)}): "
        f"lockgate evidence add FILE --artifact {artifact}"
    )


def _distrust(criterion: CriterionSpec, offered: Attestation) -> str:
    if offered.flaw:
        return offered.flaw
    wanted = " or ".join(criterion.signed_by)
    if not offered.signed:
        return f"it is not signed; {wanted} must sign it"
    return f"no signature of it is {wanted}'s"


def unmet(results: Iterable[CriterionResult], environment: str) -> Iterator[CriterionResult]:
    """Those that keep *environment* closed."""
    return (each for each in results if each.environment == environment and each.blocks)
