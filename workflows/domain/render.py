"""The status of a release as the Markdown page that operators read in the Temporal UI."""

from workflows.domain.phase import Phase
from workflows.domain.status import ReleaseStatus, RollbackView, TargetView
from workflows.domain.values import short

_LIMIT = 18_000
"""Temporal keeps at most 20 000 bytes of current details."""


def release_page(status: ReleaseStatus) -> str:
    """What happens, what it waits for and who can clear it, target by target."""
    lines = [f"## {status.name}: {status.phase}", ""]
    if status.summary:
        ticket = f" ({status.ticket})" if status.ticket else ""
        lines += [f"{status.summary}{ticket}, asked for by **{status.requested_by}**", ""]
    if status.reason:
        lines += [f"**{status.reason}**", ""]
    lines += _blockers(status)
    if status.targets:
        lines += [
            "| target | version | now | asked | measured | served by it | last verdict |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(_row(view) for view in status.targets),
            "",
        ]
    if status.votes:
        votes = (f"{v.voter} {'approves' if v.approved else 'rejects'}" for v in status.votes)
        lines += [f"Votes: {', '.join(votes)}", ""]
    lines += _undone(status.rollback)
    if status.decision_digest:
        lines += [f"Approvals bind to `{status.decision_digest}`."]
    return _fit(lines)


def rollback_page(reason: str, phase: Phase, view: RollbackView) -> str:
    """What was put back, and what people must settle."""
    return _fit([f"## {phase}", "", f"**{reason}**", "", *_undone(view)])


def _row(view: TargetView) -> str:
    measured = view.exposure.weight_measured
    cells = (
        str(view.target),
        f"{view.artifact.version} `{short(view.artifact.digest)}`",
        f"{view.progress} {view.step}/{view.steps}: {view.doing}",
        f"{view.exposure.weight_asked}%",
        "" if measured is None else f"{measured}%",
        f"{view.exposure.requests} requests, {view.exposure.failed} failed",
        str(view.verdict or ""),
    )
    return _table_row(*cells)


def _table_row(*cells: str) -> str:
    """Whatever outside systems wrote, each cell stays one cell of one line."""
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"


def _blockers(status: ReleaseStatus) -> list[str]:
    lines = []
    for blocker in status.blocked_by:
        line = f"- waits at **{blocker.gate}**: {blocker.reason}"
        if blocker.can_be_cleared_by:
            line += f"; cleared by {', '.join(blocker.can_be_cleared_by)}"
        if blocker.clears_at is not None:
            line += f"; ends by itself at {blocker.clears_at:%Y-%m-%d %H:%M:%SZ}"
        lines.append(line)
    return [*lines, ""] if lines else []


def _undone(view: RollbackView) -> list[str]:
    if not view.undone:
        return []
    lines = ["| put back | result |", "| --- | --- |"]
    lines += [_table_row(u.undo.sentence, u.failure or "done") for u in view.undone]
    if view.differences:
        lines += [
            "",
            "What failed needs people: put it right, then `lockgate retry`, which looks again and",
            "touches nothing that somebody else changed, or `lockgate confirm-repaired`.",
        ]
    return [*lines, ""]


def _fit(lines: list[str]) -> str:
    page = "\n".join(lines)
    if len(page.encode()) <= _LIMIT:
        return page
    return page.encode()[:_LIMIT].decode(errors="ignore") + "\n\n… cut; see the status query"
