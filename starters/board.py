"""The status of a release as tables for a terminal: what, how far, why it waits, and for whom."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from workflows.domain import figures
from workflows.domain.canary.verdict import MetricVerdict, Word
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    MadeEnvironment,
    Progress,
    ReleaseStatus,
    TargetView,
)
from workflows.domain.values import short

_STYLES = {
    Phase.HEALTHY: "bold green",
    Phase.PROGRESSING: "bold cyan",
    Phase.VERIFYING: "bold cyan",
    Phase.HOLDING: "bold yellow",
    Phase.AWAITING_APPROVAL: "bold yellow",
    Phase.AWAITING_EVIDENCE: "bold yellow",
    Phase.ROLLING_BACK: "bold red",
    Phase.ROLLBACK_INCOMPLETE: "bold white on red",
}
_WATCHED = frozenset({Progress.SHIFTING, Progress.HOLDING})
_VERDICTS = {Word.PASS: "green", Word.FAIL: "bold red"}


def board(status: ReleaseStatus, *, now: datetime, notice: str = "") -> RenderableType:
    """Everything about *status* at *now*; *notice* says why it may be out of date."""
    parts: list[RenderableType] = [_head(status, now)]
    if status.summary:
        ticket = f" ({status.ticket})" if status.ticket else ""
        by = f", asked for by {status.requested_by}" if status.requested_by else ""
        parts.append(Text(f"  {status.summary}{ticket}{by}"))
    if status.reason:
        parts.append(Text(f"  {status.reason}", style="bold"))
    parts += (_made(environment) for environment in status.environments)
    if status.targets:
        parts.append(_targets(status.targets))
    parts += _analysis(status.analysis)
    parts += _drift(status)
    parts += _gates(status)
    parts += (_waiting(blocker, now) for blocker in status.blocked_by)
    parts += _votes(status)
    parts += _rollback(status)
    if status.detection is not None:
        parts.append(Text(f"  because  {status.detection}", style="bold"))
    parts += (Text(f"  left over  {left}", style="yellow") for left in status.leftovers)
    if notice:
        parts.append(Text(f"  {notice}", style="bold yellow"))
    return Group(*parts)


def _head(status: ReleaseStatus, now: datetime) -> Text:
    exposure = status.exposure
    end = status.ended_at or now
    lasted = f"   {brief(end - status.started_at)}" if status.started_at else ""
    safe = "SAFE" if status.rollback.safe else "NOT SAFE"
    rollback = "" if status.phase.final else f"   rollback {safe}"
    return Text.assemble(
        (status.name, "bold"),
        "   ",
        (str(status.phase), _STYLES.get(status.phase, "bold")),
        lasted,
        f"   {exposure.requests} requests on the new version, {exposure.failed} failed",
        f"   harm {harm}" if (harm := figures.budget(exposure, status.harm)) else "",
        rollback,
    )


def _made(environment: MadeEnvironment) -> Text:
    """An environment that is made for the release alone, and where it stands."""
    stands = environment.phase or "not begun"
    reason = f": {environment.reason}" if environment.reason else ""
    return Text(
        f"  environment {environment.environment} from {environment.template}: {stands}{reason}"
    )


def _targets(views: tuple[TargetView, ...]) -> Table:
    """One line for each target: where it stands, and the weights asked for and measured."""
    headings = ("", "target", "version", "old → new", "step", "now", "asked", "measured")
    table = Table(*headings, box=None, pad_edge=False, header_style="dim")
    for view in views:
        exposure = view.exposure
        table.add_row(
            "",
            Text(str(view.target), style="bold"),
            Text(view.artifact.version),
            Text(f"{_replaced(view)}→ {short(view.artifact.digest)}"),
            f"{view.step}/{view.steps}",
            Text(_now(view)),
            f"{exposure.weight_asked}%",
            figures.share(exposure),
        )
    return table


def _analysis(metrics: tuple[MetricVerdict, ...]) -> Iterator[RenderableType]:
    if not metrics:
        return
    headings = ("", "metric", "verdict", "effect", "interval", "samples", "shows", "")
    table = Table(*headings, box=None, pad_edge=False, header_style="dim")
    for metric in metrics:
        table.add_row(
            "",
            Text(metric.name),
            Text(str(metric.word), style=_VERDICTS.get(metric.word, "yellow")),
            Text(figures.effect(metric)),
            Text(figures.interval(metric)),
            figures.samples(metric),
            Text(figures.expected(metric)),
            Text("" if metric.effect is not None else metric.reason),
        )
    yield table


def _drift(status: ReleaseStatus) -> Iterator[Text]:
    for view in status.targets:
        yield from (Text(f"  drift  {view.target}: {d}", style="yellow") for d in view.drift)


def _gates(status: ReleaseStatus) -> Iterator[Text]:
    """All gates in one line, while any of them keeps the release waiting."""
    if status.blocked_by and len(status.gates) > 1:
        yield Text(f"  gates  {'  '.join(f'{gate.gate} {gate.word}' for gate in status.gates)}")


def _waiting(blocker: Blocker, now: datetime) -> Text:
    """What it waits for, who can clear it, and when it clears by itself."""
    line = Text.assemble("  waits at ", (blocker.gate, "bold yellow"), f": {blocker.reason}")
    if blocker.can_be_cleared_by:
        line.append(f"; cleared by {', '.join(blocker.can_be_cleared_by)}")
    if blocker.clears_at is not None:
        left = blocker.clears_at - now
        line.append(f"; ends by itself at {clock(blocker.clears_at)}, in {brief(left)}")
    if blocker.escalates_at is not None:
        line.append(f"; {blocker.escalates_to} is told at {clock(blocker.escalates_at)}")
    return line


def _votes(status: ReleaseStatus) -> Iterator[Text]:
    for vote in status.votes:
        word = "approves" if vote.approved else "rejects"
        note = f": {vote.note}" if vote.note else ""
        yield Text(f"  vote  {vote.voter} ({vote.assurance}) {word}{note}")


def _rollback(status: ReleaseStatus) -> Iterator[Text]:
    view = status.rollback
    if view.undone:
        done = len(view.undone) - len(view.differences)
        yield Text(f"  put back {done} of {len(view.undone)}")
    for undone in view.undone:
        if said := undone.told or undone.remark:
            yield Text(f"  {undone.undo.sentence}: {said}")
    for undone in view.differences:
        yield Text(f"  not put back  {undone.undo.sentence}: {undone.failure}", style="bold red")
    if not status.phase.final and not view.undone:
        yield Text(f"  turning back is possible until {view.until}", style="dim")


def _replaced(view: TargetView) -> str:
    """The build that gives way; what a target serves is known once its promotion begins."""
    if view.replaces is not None:
        return f"{short(view.replaces)} "
    return "" if view.progress is Progress.WAITING else "nothing "


def _now(view: TargetView) -> str:
    doing = "" if view.doing == view.progress else view.doing
    watched = figures.progress(view.watch) if view.watch and view.progress in _WATCHED else ""
    said = ", ".join(part for part in (doing, watched) if part)
    return f"{view.progress}: {said}" if said else str(view.progress)


def clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def brief(span: timedelta) -> str:
    """`4s`, `3m12s`, `2h05m`, `3d04h`: the two largest units, whole; nothing below zero."""
    seconds = max(0, round(span.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{seconds:02}s" if minutes else f"{seconds}s"
