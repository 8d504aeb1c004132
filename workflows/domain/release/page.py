"""The status of a release as the Markdown page that operators read in the Temporal UI."""

from workflows.domain import figures
from workflows.domain.canary.verdict import MetricVerdict
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    MadeEnvironment,
    Progress,
    ReleaseStatus,
    RollbackView,
    TargetView,
)
from workflows.domain.values import short

_LIMIT = 18_000
"""Temporal keeps at most 20 000 bytes of current details."""

_GAP = "\N{NO-BREAK SPACE}"
"""The Temporal UI draws the columns of a table without any space between them."""

_SETTLED = frozenset({Progress.WAITING, Progress.PROMOTED, Progress.UNCHANGED, Progress.WITHDRAWN})
"""Where the word says all; otherwise a reader wants to know which step it is at."""


def release_page(status: ReleaseStatus) -> str:
    """What happens, what it waits for and who can clear it, target by target."""
    lines = [f"## {status.name}: {status.phase}", ""]
    if status.summary:
        ticket = f" ({status.ticket})" if status.ticket else ""
        asker = f"**{status.requested_by}** ({status.requested})"
        lines += [f"{status.summary}{ticket}, asked for by {asker}", ""]
    if status.reason:
        lines += [f"**{status.reason}**", ""]
    lines += _blockers(status.blocked_by)
    lines += _made(status.environments)
    lines += _targets(status.targets, already_told=status.reason)
    if harm := figures.budget(status.exposure, status.harm):
        lines += [f"Harm budget: {harm} failed requests", ""]
    if status.votes:
        votes = (
            f"{v.voter} ({v.assurance}) {'approves' if v.approved else 'rejects'}"
            for v in status.votes
        )
        lines += [f"Votes: {', '.join(votes)}", ""]
    if status.detection is not None:
        lines += [f"Found: {_one_line(str(status.detection))}", ""]
    lines += _undone(status.rollback)
    if status.decision_digest:
        lines += [f"Approvals count for this plan alone: `{status.decision_digest}`."]
    return _fit(lines)


def promotion_page(view: TargetView) -> str:
    """One build on its way into one environment."""
    title = f"## {view.artifact.version} to {view.target}: {view.progress}"
    return _fit([title, "", *_targets((view,)), *_blockers(view.blocked_by)])


def rollback_page(reason: str, phase: Phase, view: RollbackView) -> str:
    """What was put back, and what people must settle."""
    return _fit([f"## {phase}", "", f"**{reason}**", "", *_undone(view)])


def _targets(views: tuple[TargetView, ...], *, already_told: str = "") -> list[str]:
    """A table narrow enough for half of a page, then the last verdict on each target."""
    if not views:
        return []
    verdicts = (
        f"- last look at **{view.target}**: {_one_line(str(view.verdict))}"
        for view in views
        if view.verdict and view.verdict.reason not in already_told
    )
    drift = (f"- **{view.target}**: {_one_line(d)}" for view in views for d in view.drift)
    return [
        "| target | version | traffic | now |",
        "| --- | --- | --- | --- |",
        *(_row(view) for view in views),
        "",
        *verdicts,
        *drift,
        "",
        *_metrics(views),
    ]


def _metrics(views: tuple[TargetView, ...]) -> list[str]:
    """How each metric of the target that is watched now stands; others are over."""
    watched = [view for view in views if view.watch is not None and view.verdict is not None]
    if not watched or watched[-1].verdict is None or not watched[-1].verdict.metrics:
        return []
    return [
        "| metric | verdict | effect | samples | shows |",
        "| --- | --- | --- | --- | --- |",
        *(_metric_row(metric) for metric in watched[-1].verdict.metrics),
        "",
    ]


def _metric_row(metric: MetricVerdict) -> str:
    effect = f"{figures.effect(metric)} {figures.interval(metric)}".strip()
    evidence = "" if metric.effect is None else f"evidence of harm e^{metric.harm:.1f}"
    shows = "; ".join(part for part in (figures.expected(metric), evidence) if part)
    return _table_row(metric.name, str(metric.word), effect, figures.samples(metric), shows)


def _row(view: TargetView) -> str:
    return _table_row(
        str(view.target),
        f"{view.artifact.version} `{short(view.artifact.digest)}`",
        _traffic(view),
        _now(view),
    )


def _traffic(view: TargetView) -> str:
    """The share it was given, whether that share arrived, and how its requests went."""
    exposure = view.exposure
    if view.progress is Progress.WITHDRAWN:
        share = "none any more"
    else:
        share = f"{exposure.weight_asked}%"
        if view.progress not in _SETTLED and exposure.weight_measured is not None:
            share += f" (measured {figures.share(exposure)})"
    if exposure.requests:
        share += f"; watched {exposure.requests} requests, {exposure.failed} failed"
    return share


def _now(view: TargetView) -> str:
    if view.progress in _SETTLED:
        return str(view.progress)
    if view.progress is Progress.FAILED:
        return f"failed at step {view.step} of {view.steps}"
    where = f"{view.progress}, step {view.step} of {view.steps}" if view.step else view.progress
    now = f"{where}: {view.doing}" if view.doing else where
    return f"{now}; {figures.progress(view.watch)}" if view.watch is not None else now


def _table_row(*cells: str) -> str:
    """Whatever outside systems wrote, each cell stays one cell of one line."""
    return f"| {f'{_GAP} | '.join(_one_line(cell.replace('|', '/')) for cell in cells)} |"


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _blockers(blockers: tuple[Blocker, ...]) -> list[str]:
    lines = []
    for blocker in blockers:
        line = f"- waits at **{blocker.gate}**: {blocker.reason}"
        if blocker.can_be_cleared_by:
            line += f"; cleared by {', '.join(blocker.can_be_cleared_by)}"
        if blocker.clears_at is not None:
            line += f"; ends by itself at {blocker.clears_at:%Y-%m-%d %H:%M:%SZ}"
        if blocker.owner and blocker.escalates_at is not None:
            line += (
                f"; {blocker.owner} has it, {blocker.escalates_to} is told at "
                f"{blocker.escalates_at:%Y-%m-%d %H:%M:%SZ}"
            )
        lines.append(line)
    return [*lines, ""] if lines else []


def _made(environments: tuple[MadeEnvironment, ...]) -> list[str]:
    """What is created for this release: whoever approves it approves that as well."""
    lines = []
    for made in environments:
        stands = made.phase or "not begun"
        reason = f": {_one_line(made.reason)}" if made.reason else ""
        lines.append(
            f"- environment **{made.environment}** is created from {made.template} "
            f"`{short(made.plan_digest)}` for this release: {stands}{reason}"
        )
    return [*lines, ""] if lines else []


def _undone(view: RollbackView) -> list[str]:
    if not view.undone:
        return []
    lines = ["| put back | result |", "| --- | --- |"]
    lines += [
        _table_row(u.undo.sentence, u.failure or u.remark or u.told or "done") for u in view.undone
    ]
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
