"""Why a release is where it is: what keeps it, who can clear that, and by which ruling."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from starters.board import clock
from starters.planning.plan_ruling import ruling_as_json, ruling_lines, stage_ruling_lines
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.release.status import Blocker, GateState, ReleaseStatus
from workflows.domain.values import short


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where a release stands, with its newest recorded ruling, or why that is not known."""

    status: ReleaseStatus
    ruling: RecordedDecision | None = None
    unread: str = ""


def explained_as_json(found: Explanation) -> dict[str, JsonValue]:
    """The same for programs: the status's own words, and the ruling with its inputs' digests."""
    status, ruling = found.status, found.ruling
    return {
        "release": status.release,
        "phase": status.phase,
        "reason": status.reason,
        "decisionDigest": status.decision_digest,
        "blockedBy": [one.model_dump(mode="json", by_alias=True) for one in status.blocked_by],
        "gates": [one.model_dump(mode="json", by_alias=True) for one in status.gates],
        "votes": [one.model_dump(mode="json", by_alias=True) for one in status.votes],
        "notRead": found.unread or None,
        "ruling": None if ruling is None else _ruling(ruling),
    }


def _ruling(ruling: RecordedDecision) -> dict[str, JsonValue]:
    return {
        "digest": ruling.digest,
        "verdict": ruling.verdict,
        "at": ruling.facts.at.isoformat(),
        "inputs": {
            "manifestDigest": ruling.order.manifest_digest,
            "catalogDigest": ruling.order.catalog_digest,
            "factsDigest": ruling.admission.facts_digest,
            "rulesDigest": ruling.admission.rules_digest,
        },
        "says": ruling_as_json(ruling.admission),
    }


def explained_as_text(found: Explanation) -> str:
    """The same for reading: what keeps it first, then how it was ruled."""
    status = found.status
    why = f": {status.reason}" if status.reason else ""
    lines = [f"{status.name} is {status.phase}{why}", *_blocked(status)]
    lines += [f"  {_gate(gate)}" for gate in status.gates]
    for vote in status.votes:
        word = "approved" if vote.approved else "rejected"
        where = f" for {vote.environment}" if vote.environment else ""
        note = f": {vote.note}" if vote.note else ""
        lines.append(f"  {vote.voter} ({vote.assurance}) {word}{where}{note}")
    lines += ["", *_ruled(found)]
    return "\n".join(lines)


def _blocked(status: ReleaseStatus) -> Iterator[str]:
    if not status.blocked_by:
        yield "  nothing keeps it" if status.ended_at is None else "  it has ended"
    for blocker in status.blocked_by:
        yield from _blocker(blocker)


def _blocker(blocker: Blocker) -> Iterator[str]:
    yield f"  waits at {blocker.gate}: {blocker.reason}"
    if blocker.evidence:
        yield f"    by         {', '.join(blocker.evidence)}"
    yield f"    cleared by {', '.join(blocker.can_be_cleared_by) or 'nobody: it clears by itself'}"
    if blocker.clears_at is not None:
        yield f"    ends       {clock(blocker.clears_at)} by itself"
    if blocker.owner:
        escalates = ""
        if blocker.escalates_at is not None:
            escalates = f"; {blocker.escalates_to} is told at {clock(blocker.escalates_at)}"
        yield f"    owner      {blocker.owner}{escalates}"


def _gate(gate: GateState) -> str:
    reason = f", {gate.reason}" if gate.reason else ""
    waived = f", waived by {', '.join(gate.waived_by)}" if gate.waived_by else ""
    return f"gate {gate.gate} of {gate.environment}: {gate.word}{reason}{waived}"


def _ruled(found: Explanation) -> Iterator[str]:
    ruling = found.ruling
    if ruling is None:
        yield f"how it was ruled is not known: {found.unread}"
        return
    order, admission = ruling.order, ruling.admission
    yield f"{ruling.verdict} {clock(ruling.facts.at)}, ruling {short(ruling.digest)}"
    yield (
        f"  from          manifest {short(order.manifest_digest)}, "
        f"catalog {short(order.catalog_digest)}, facts {short(admission.facts_digest or '-')}"
    )
    yield f"  decision      {short(admission.decision_digest)}{_is_now(found)}"
    yield from ruling_lines(admission)
    for stage in admission.plan.stages:
        told = [*stage_ruling_lines(admission, stage.environment)]
        if told:
            yield f"  {stage.environment}"
            yield from told


def _is_now(found: Explanation) -> str:
    now, ruling = found.status.decision_digest, found.ruling
    if ruling is None or now in {None, ruling.admission.decision_digest}:
        return ""
    return f", and by now {short(now or '')}"
