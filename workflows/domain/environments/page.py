"""An environment as the Markdown page that people read in the Temporal UI."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from workflows.domain.durations import write_duration
from workflows.domain.environments.cost import per_month
from workflows.domain.environments.lease import MOMENT, lives, no_extension
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.values import short

_LIMIT = 18_000
"""Temporal keeps at most 20 000 bytes of current details."""
_MOST = 40


def environment_page(view: EnvironmentView) -> str:
    """Where it stands, when it ends and how to keep it, what it costs, and what is left of it."""
    parts = (_standing(view), _lease(view), _facts(view), _drift(view), _removal(view))
    page = "\n".join(_apart(line for part in parts for line in part))
    if len(page.encode()) <= _LIMIT:
        return page
    cut = page.encode()[:_LIMIT].decode(errors="ignore")
    return f"{cut}\n\n… cut; `lockgate env show {view.name}` prints all of it"


def _apart(lines: Iterable[str]) -> Iterator[str]:
    """With a blank line where a list begins or ends, or else the UI takes both for one."""
    before = ""
    for line in lines:
        if before and line and before.startswith("- ") != line.startswith("- "):
            yield ""
        yield line
        before = line


def _standing(view: EnvironmentView) -> Iterator[str]:
    yield f"## {view.name}: {view.phase}"
    yield ""
    for said in (view.reason, view.problem):
        if said:
            yield f"**{_line(said)}**"
            yield ""
    if view.doing:
        yield f"now: {view.doing}"
        yield ""


def _lease(view: EnvironmentView) -> Iterator[str]:
    if not lives(view) or view.expires_at is None:
        return
    if view.hold is not None:
        yield f"held by **{view.hold.by}** since {_at(view.hold.since)}: {_line(view.hold.reason)}"
        yield f"lift it: `lockgate env hold {view.name} --lift --reason …`"
    elif view.protected:
        yield "protected: nothing tears it down before a person does, by "
        yield f"`lockgate env teardown {view.name} --protected --reason …`"
    else:
        yield f"ends at **{_at(view.expires_at)}**, and everything in it with it"
        yield from (
            f"- warned at {_at(each.at)}: {each.told or 'its owner is being told'}"
            for each in view.warned
        )
    if why := no_extension(view):
        yield why
    else:
        yield (
            f"keep it longer: `lockgate env extend {view.name} "
            f"--for {write_duration(view.extend_by)} --reason …` "
            f"({view.extensions_left} left{_latest(view)})"
        )
    yield from (
        f"- extended by {write_duration(each.span)}, by {each.by} at {_at(each.at)}"
        + (f": {_line(each.reason)}" if each.reason else "")
        for each in view.extensions[-10:]
    )
    yield ""


def _latest(view: EnvironmentView) -> str:
    return f", until {_at(view.expires_at_most)} at most" if view.expires_at_most else ""


def _facts(view: EnvironmentView) -> Iterator[str]:
    yield f"- owner {view.owner}, team {view.team}; for: {_line(view.purpose)}"
    if view.requested_by:
        yield f"- asked for by {view.requested_by}"
    yield f"- made from {view.template} ({short(view.digest)})" + (
        f" for {view.release}" if view.release else ""
    )
    if view.per_hour is not None:
        month = per_month(view.per_hour)
        yield f"- costs {view.per_hour:f} {view.currency} an hour, {month:.2f} a month"
    elif view.unpriced:
        yield f"- nobody knows what it costs: no price for {', '.join(view.unpriced[:_MOST])}"
    if view.resources:
        yield f"- {view.resources} resources"
    yield from (f"- {key}: `{_line(value)}`" for key, value in list(view.outputs.items())[:_MOST])
    yield ""


def _drift(view: EnvironmentView) -> Iterator[str]:
    if view.drift is not None and view.drift_at is not None:
        yield f"compared with its template at {_at(view.drift_at)}: {_line(str(view.drift))}"
        yield ""


def _removal(view: EnvironmentView) -> Iterator[str]:
    if (removal := view.removal) is None:
        return
    by = f", said {removal.by}" if removal.by else ""
    yield f"torn down because {_line(removal.reason)}{by}"
    if removal.problem:
        yield f"- not over after {removal.attempts} attempts: {_line(removal.problem)}"
    if view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE:
        if removal.asks_person:
            yield "- a person has to change something: trying again alone does not help"
        if removal.again_at is not None:
            yield (
                f"- tried again at {_at(removal.again_at)}, or at once: "
                f"`lockgate env teardown {view.name} --reason …`"
            )
        yield from _left(removal.after.resources if removal.after is not None else ())
    yield from (f"- kept: snapshot {each}" for each in removal.snapshots[:_MOST])
    yield from _listed(f"- removed: {each}" for each in removal.removed)
    if removal.saved_per_month is not None:
        yield f"- saves {removal.saved_per_month:.2f} {view.currency} a month"


def _left(resources: Iterable[object]) -> Iterator[str]:
    yield from _listed(f"- **left**: {each}" for each in resources)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    yield from listed[:_MOST]
    if len(listed) > _MOST:
        yield f"- … and {len(listed) - _MOST} more"


def _at(moment: datetime) -> str:
    return f"{moment:{MOMENT}}"


def _line(text: str) -> str:
    return " ".join(text.split())[:1000]
