"""What Lockgate decided, as an in-toto statement that anybody can check without asking us."""

from collections.abc import Iterable, Iterator

from pydantic import AwareDatetime, JsonValue

from workflows.domain.attestations.criteria import CriterionOutcome, CriterionResult
from workflows.domain.attestations.statement import DENIAL, STATEMENT, VERIFICATION
from workflows.domain.canonical import canonical
from workflows.domain.values import Artifact, Digest, Value

VERIFIER = "https://lockgate.dev/lockgate"

CRITERIA_MET = "LOCKGATE_CRITERIA_MET"
APPROVED = "LOCKGATE_APPROVED"


class SignedPolicy(Value):
    """Something that was ruled by: its address within the release's documents, and its digest."""

    uri: str
    digest: Digest


class ReleaseDecision(Value):
    """Whether builds may go into an environment, ruled by which documents, and what held.

    `properties` are names of what was found to hold; `reasons`, of a denial, say what did not.
    """

    release: str
    environment: str
    allowed: bool
    decision_digest: Digest
    artifacts: tuple[Artifact, ...]
    policies: tuple[SignedPolicy, ...]
    at: AwareDatetime
    properties: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{'go' if self.allowed else 'no go'} for {self.environment}"


def statement_of(decision: ReleaseDecision) -> bytes:
    """The statement's bytes: a Simple Verification Result, or, of a denial, a type of our own.

    A verification result lists what holds and nothing else, so it cannot say no.
    """
    predicate: dict[str, JsonValue] = {
        "verifier": {
            "id": VERIFIER,
            "policies": [
                {"uri": policy.uri, "digest": _sha256(policy.digest)}
                for policy in decision.policies
            ],
        },
        "timeCreated": decision.at.isoformat(),
        "decision": {
            "release": decision.release,
            "environment": decision.environment,
            "digest": _sha256(decision.decision_digest),
        },
    }
    if decision.allowed:
        predicate["properties"] = list(decision.properties)
    else:
        predicate["reasons"] = list(decision.reasons)
    return canonical(
        {
            "_type": STATEMENT,
            "subject": [
                {"name": f"{each.service} {each.version}", "digest": _sha256(each.digest)}
                for each in decision.artifacts
            ],
            "predicateType": VERIFICATION if decision.allowed else DENIAL,
            "predicate": predicate,
        }
    ).encode()


def properties_of(results: Iterable[CriterionResult]) -> Iterator[str]:
    """What a go decision may claim of its criteria: that all are met, and each by its name."""
    by_name: dict[str, bool] = {}
    for result in results:
        met = result.outcome is CriterionOutcome.MET
        by_name[result.name] = by_name.get(result.name, True) and met
    if by_name and all(by_name.values()):
        yield CRITERIA_MET
    for name, met in sorted(by_name.items()):
        if met:
            yield f"LOCKGATE_CRITERION_{name.upper().replace('-', '_').replace('.', '_')}_MET"


def _sha256(digest: Digest) -> dict[str, JsonValue]:
    return {"sha256": digest.removeprefix("sha256:")}
