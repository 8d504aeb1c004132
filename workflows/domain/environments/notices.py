"""What an environment's owner is told: that it ends soon, is gone, or could not be removed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from workflows.domain.canonical import canonical
from workflows.domain.durations import write_duration
from workflows.domain.environments.cost import so_far
from workflows.domain.environments.lease import no_extension
from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.environments.view import EnvironmentView, Removal
from workflows.domain.names import environment_id
from workflows.domain.values import digest_of

_LISTED = 20
"""A list that is longer is told as how many more there are: nobody reads it to its end."""


def ends_soon(
    order: EnvironmentOrder, view: EnvironmentView, *, before: timedelta, now: datetime
) -> OwnerNotice:
    """The warning due *before* its end: when that is, what it costs, and how to keep it.

    One for each end and time before it: an extension begins them anew.
    """
    ends = view.expires_at or now
    # Told to the minute, and so in the same words however late a timer fired within one.
    left = write_duration(timedelta(minutes=max(round((ends - now).total_seconds() / 60), 0)))
    lines = (
        f"The environment {view.name} of {view.team} ends at {_moment(ends)}, in {left}.",
        f"It was made from {view.template} for: {view.purpose}",
        "",
        _cost(view, now=now),
        "",
        *_how_to_keep(order, view, ends=ends),
        "",
        _if_nobody_acts(view),
    )
    return OwnerNotice(
        key=f"{_life(view)}/ends/{ends.isoformat()}/{write_duration(before)}",
        subject=f"{view.name} ends in {left}",
        text=_text(lines),
    )


def torn_down(view: EnvironmentView, removal: Removal) -> OwnerNotice:
    """That nothing is left of it: what was removed, what is kept, and what that saves."""
    lines = (
        f"The environment {view.name} of {view.team} was torn down: {removal.reason}",
        f"Who said so: {removal.by}",
        "",
        *_listed(f"Removed ({len(removal.removed)})", removal.removed),
        *_listed("Kept on purpose, as final snapshots", removal.snapshots),
        *([f"Counted at {_moment(removal.after.at)}: {removal.after}."] if removal.after else []),
        _saved(view, removal),
    )
    return OwnerNotice(
        key=f"{_life(view)}/removed", subject=f"{view.name} was torn down", text=_text(lines)
    )


def not_removed(view: EnvironmentView, removal: Removal) -> OwnerNotice:
    """That something is left, or could not be counted; one for each set of what it is."""
    left = left_over(removal)
    lines = (
        f"The environment {view.name} of {view.team} could not be torn down whole.",
        "",
        *_listed("What is left, or could not be counted", left or ("not known yet",)),
        f"Why: {removal.problem or 'not known'}",
        "",
        "It is tried again by itself, less and less often, until a census finds nothing. Once",
        "what stands in its way is mended, have it tried at once:",
        "",
        f'    lockgate env teardown {view.name} --reason "mended: try again"',
    )
    return OwnerNotice(
        key=f"{_life(view)}/left/{digest_of(canonical(list(left)))}",
        subject=f"{view.name} is not torn down: {len(left)} left or not counted",
        text=_text(lines),
    )


def left_over(removal: Removal) -> tuple[str, ...]:
    """What the newest census names, the same for the same things in whatever order."""
    if removal.after is None:
        return ()
    found = {str(resource) for resource in removal.after.resources}
    return tuple(sorted(found | set(removal.after.unreadable)))


def _how_to_keep(
    order: EnvironmentOrder, view: EnvironmentView, *, ends: datetime
) -> Iterator[str]:
    lease = order.plan.lease
    last = view.created_at + lease.longest if view.created_at is not None else None
    why = no_extension(view)
    if not why and last is not None and ends >= last:
        why = "it cannot be extended any more"
    if why:
        yield f"{why[0].upper()}{why[1:]}. To have one after that, ask for it anew:"
        yield ""
        yield f"    lockgate env request {view.name} --template {view.template} --purpose ..."
        return
    yield (
        f"To keep it for up to {write_duration(lease.extend_by)} more ({view.extensions_left} "
        f"extensions are left{f', until {_moment(last)} at the latest' if last else ''}):"
    )
    yield ""
    yield f'    lockgate env extend {view.name} --reason "why it is still needed"'


def _if_nobody_acts(view: EnvironmentView) -> str:
    if view.hold is not None:
        return (
            "If nobody does anything, it stays and goes on costing: it is on hold, which "
            f"{view.hold.by} said ({view.hold.reason})."
        )
    if view.protected:
        return (
            "If nobody does anything, it stays and goes on costing: it is protected, and ends "
            "only when somebody tears it down and says --protected."
        )
    return "If nobody does anything, it is torn down then, with all that is in it."


def _cost(view: EnvironmentView, *, now: datetime) -> str:
    spent = so_far(view, now)
    if view.per_hour is None or spent is None:
        unknown = ", ".join(view.unpriced) or "anything in it"
        return f"What it costs is not known: the template has no price of {unknown}."
    return (
        f"So far it has cost {_money(spent, view.currency)}, at {view.per_hour.normalize():f} "
        f"{view.currency} an hour."
    )


def _saved(view: EnvironmentView, removal: Removal) -> str:
    if removal.saved_per_month is None:
        unknown = ", ".join(view.unpriced) or "anything in it"
        return f"What that saves is not known: the template has no price of {unknown}."
    return f"That saves {_money(removal.saved_per_month, view.currency)} a month."


def _listed(heading: str, each: Iterable[str]) -> Iterator[str]:
    items = tuple(each)
    if not items:
        return
    yield f"{heading}:"
    yield from (f"  - {item}" for item in items[:_LISTED])
    if (more := len(items) - _LISTED) > 0:
        yield f"  - and {more} more"
    yield ""


def _life(view: EnvironmentView) -> str:
    """This environment and no other one of its name, before or after it."""
    began = view.created_at.isoformat() if view.created_at is not None else view.run
    return f"{environment_id(view.name)}/{began}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount.quantize(Decimal('0.01')):f} {currency}"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
