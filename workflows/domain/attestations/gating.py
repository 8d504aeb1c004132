"""From criteria to gates: each is a gate of its own name, which holds for all services or none."""

from collections.abc import Iterable, Iterator, Mapping

from workflows.domain.attestations.criteria import CriterionOutcome, CriterionResult
from workflows.domain.gates.gates import GateRuling, waiver_rule
from workflows.domain.spec.policy import PersonSpec

_LONGEST = 2000


def criterion_gates(
    results: Iterable[CriterionResult], people: Mapping[str, PersonSpec]
) -> Iterator[GateRuling]:
    """What *results* say of the gates of each environment, in the order they were judged."""
    together: dict[tuple[str, str], list[CriterionResult]] = {}
    for result in results:
        together.setdefault((result.environment, result.name), []).append(result)
    for (environment, name), ours in together.items():
        lacking = [each for each in ours if each.outcome is not CriterionOutcome.MET]
        role = ours[0].waived_by
        yield GateRuling(
            environment=environment,
            gate=name,
            met=not lacking,
            reason="; ".join(each.why for each in lacking)[:_LONGEST],
            evidence=tuple(each.attestation for each in ours if each.attestation is not None),
            cleared_by=tuple(dict.fromkeys(map(_remedy, lacking))),
            advisory=ours[0].advisory,
            waiver=waiver_rule([role], people) if role is not None else None,
        )


def _remedy(result: CriterionResult) -> str:
    return f"whoever adds {result.evidence} about {result.service}"
