"""What evidence an order needs, and what the evidence that there is makes of its criteria."""

from collections.abc import Iterator

from pydantic import ValidationError

from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.criteria import CriterionResult, Ground, judge_criteria
from workflows.domain.attestations.signers import TrustedKey, keys_of, with_keys
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.spec import Catalog, PolicySpec, Release, ReleaseSpec
from workflows.domain.values import Digest, Value


class EvidenceWanted(Value):
    """The builds that evidence is asked about, and the keys whose signatures matter."""

    artifacts: tuple[Digest, ...]
    keys: tuple[TrustedKey, ...]


def evidence_wanted(order: ReleaseOrder) -> EvidenceWanted | None:
    """What must be read before *order* can be ruled on; None where no criterion asks for any.

    Documents that cannot be read want nothing: admission says what is wrong with them.
    """
    try:
        release = Release.model_validate(order.release).spec
        catalog = Catalog.model_validate(order.catalog)
        policies = [policy for _, policy in _guarding(release, catalog) if policy.criteria]
        signers = [s for policy in policies for s in with_keys(policy.signers, catalog.files)]
    except (ValidationError, ValueError):
        return None
    if not policies:
        return None
    artifacts = dict.fromkeys(service.artifact.digest for service in release.services)
    return EvidenceWanted(artifacts=tuple(artifacts), keys=keys_of(signers))


def criteria_of(
    order: ReleaseOrder,
    release: Release,
    catalog: Catalog,
    facts: Facts | None,
    problems: list[str],
) -> tuple[CriterionResult, ...]:
    """Judge the criteria of every environment of *release*; what was not read is missing.

    Without facts nothing is judged. A signer's key that cannot be read is added to *problems*.
    """
    if facts is None:
        return ()
    results: list[CriterionResult] = []
    for environment, policy in _guarding(release.spec, catalog):
        try:
            signers = with_keys(policy.signers, catalog.files)
        except ValueError as error:
            problems.append(f"environment {environment!r}: {error}")
            continue
        ground = Ground(
            environment=environment,
            artifacts={each.name: each.artifact.digest for each in release.spec.services},
            requested_by=order.requested_by,
            now=facts.at,
        )
        results += judge_criteria(policy.criteria, signers, facts.attestations or (), ground)
    return tuple(results)


def _guarding(release: ReleaseSpec, catalog: Catalog) -> Iterator[tuple[str, PolicySpec]]:
    """Each environment of *release* that has a policy, and that policy."""
    for stop in release.environments:
        environment = catalog.environments.get(stop.name)
        policy = catalog.policies.get(environment.policy_ref or "") if environment else None
        if policy is not None:
            yield stop.name, policy
