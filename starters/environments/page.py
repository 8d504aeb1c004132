"""Where an environment stands, as people read it in a terminal."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from starters.board import brief, clock
from workflows.domain.durations import write_duration
from workflows.domain.environments.cost import per_month, so_far
from workflows.domain.environments.lease import is_ending, is_kept, lives, no_extension
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView, Removal
from workflows.domain.values import short

UNKNOWN = "unknown"
_LABEL = 10


def page(view: EnvironmentView, *, now: datetime) -> str:
    """Everything about *view* at *now*, one fact a line."""
    parts = (_head(view), _lease(view, now), _facts(view, now), _removal(view))
    return "\n".join(line for part in parts for line in part)


def money(amount: Decimal | None, currency: str) -> str:
    """An amount to the cent; what nobody knows says so."""
    return UNKNOWN if amount is None else f"{amount:.2f} {currency}"


def rate(per_hour: Decimal, currency: str) -> str:
    """What an hour costs, with every digit that the price table has, and a month of it."""
    month = money(per_month(per_hour), currency)
    return f"{per_hour.normalize():f} {currency} an hour, {month} a month"


def ends(view: EnvironmentView, now: datetime) -> str:
    """When it ends, in a few words."""
    if view.phase.final:
        return "gone"
    if view.hold is not None:
        return "held"
    if is_ending(view):
        return "now"
    if view.protected:
        return "protected"
    if view.expires_at is None:
        return UNKNOWN
    return f"in {brief(view.expires_at - now)}" if view.expires_at > now else "now"


def freed(view: EnvironmentView, now: datetime) -> str:
    """What follows for one that nobody holds any more."""
    if is_ending(view):
        return "its end happens now: it is being torn down"
    if view.protected:
        how = f"`lockgate env teardown {view.name} --protected`"
        return f"it is kept, as it is protected: end it by {how}"
    if view.phase is EnvironmentPhase.HELD:
        return "its end happens now: it is torn down once the tag of its hold is off"
    return f"it ends {ends(view, now)}"


def _line(label: str, said: str) -> str:
    """One line, whatever somebody wrote: neither a break nor a terminal's command is printed."""
    printable = "".join(each if each.isprintable() else " " for each in said)
    return f"  {label:<{_LABEL}} {printable}"


def _head(view: EnvironmentView) -> Iterator[str]:
    yield f"{view.name}   {view.phase}   from {view.template} ({short(view.digest)})"
    if view.purpose:
        yield _line("for", view.purpose)
    owned = f"{view.owner}, team {view.team}"
    yield _line("owner", f"{owned}; bound to {view.release}" if view.release else owned)
    if view.requested_by:
        yield _line("asked by", view.requested_by)
    # Why it is torn down is told with its teardown.
    why = view.reason if view.removal is None or view.reason != view.removal.reason else ""
    for label, said in (("why", why), ("now", view.doing), ("problem", view.problem)):
        if said:
            yield _line(label, said)


def _lease(view: EnvironmentView, now: datetime) -> Iterator[str]:
    if view.phase.final or view.expires_at is None:
        return
    if view.hold is not None:
        hold = view.hold
        yield _line("held", f"by {hold.by} since {clock(hold.since)}: {hold.reason}")
        yield _line("", f'lift it with: lockgate env hold {view.name} --lift --reason "..."')
    if view.protected:
        yield _line("protected", "its end waits for `lockgate env teardown --protected`")
    if not lives(view):
        return
    over = view.expires_at <= now
    when = "its time is over" if over else f"in {brief(view.expires_at - now)}"
    yield _line("ends", f"{clock(view.expires_at)}, {when}{_kept(view, over=over)}")
    for told in view.warned:
        how = f": {told.told}" if told.told else ""
        yield _line("", f"its owner was warned {write_duration(told.before)} before{how}")
    if why := no_extension(view):
        yield _line("extend", why)
    else:
        latest = f", until {clock(view.expires_at_most)} at most" if view.expires_at_most else ""
        times = f"{view.extensions_left} more by up to {write_duration(view.extend_by)}{latest}"
        yield _line("extend", times)
        yield _line("", f'keep it with: lockgate env extend {view.name} --reason "..."')
    for each in view.extensions:
        why = f": {each.reason}" if each.reason else ""
        yield _line("extended", f"by {write_duration(each.span)} by {each.by}{why}")


def _kept(view: EnvironmentView, *, over: bool) -> str:
    return ", and it waits for a person" if over and is_kept(view) else ""


def _facts(view: EnvironmentView, now: datetime) -> Iterator[str]:
    if view.per_hour is not None:
        spent = "" if view.phase.final else f", {money(so_far(view, now), view.currency)} so far"
        yield _line("costs", f"{rate(view.per_hour, view.currency)}{spent}")
    elif view.unpriced:
        yield _line("costs", f"{UNKNOWN}: no price for {', '.join(view.unpriced)}")
    if lives(view):
        yield _line("holds", f"{view.resources} resources")
        for name, value in view.outputs.items():
            yield _line("output", f"{name} = {value}")
    if view.told:
        yield _line("told", view.told)
    if view.drift is not None and view.drift_at is not None:
        yield _line("drift", f"{view.drift}, at {clock(view.drift_at)}")


def _removal(view: EnvironmentView) -> Iterator[str]:
    if (removal := view.removal) is None:
        return
    by = f", said {removal.by}" if removal.by else ""
    yield _line("torn down", f"because {removal.reason}{by}")
    if removal.problem:
        yield _line("left", f"after {removal.attempts} attempts: {removal.problem}")
    if view.phase is EnvironmentPhase.TEARDOWN_INCOMPLETE:
        yield from _incomplete(view.name, removal)
    yield from _listed("removed", removal.removed)
    yield from _listed("kept", (f"snapshot {each}" for each in removal.snapshots))
    if view.phase.final and removal.after is not None:
        yield _line("census", f"{removal.after} at {clock(removal.after.at)}")
    if removal.saved_per_month is not None:
        yield _line("saves", f"{money(removal.saved_per_month, view.currency)} a month")


def _incomplete(name: str, removal: Removal) -> Iterator[str]:
    if removal.after is not None:
        yield from _listed("still there", (str(each) for each in removal.after.resources))
        yield from _listed("uncounted", removal.after.unreadable)
    if removal.asks_person:
        yield _line("", "a person has to change something: trying again does not help by itself")
    when = f"at {clock(removal.again_at)}, or " if removal.again_at is not None else ""
    now = f'at once with: lockgate env teardown {name} --reason "..."'
    yield _line("again", when + now)


def _listed(label: str, each: Iterable[str]) -> Iterator[str]:
    return (_line(label, one) for one in each)
