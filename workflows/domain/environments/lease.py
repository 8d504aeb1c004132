"""How long an environment lives: when its owner is warned, when it ends, how much longer."""

from datetime import datetime, timedelta

from workflows.domain.durations import write_duration
from workflows.domain.environments.commands import Extend, ExtensionRefused
from workflows.domain.environments.cost import over
from workflows.domain.environments.order import EnvironmentPlan, LeaseRule, TeardownRule
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.values import times

_LIVES = frozenset({EnvironmentPhase.READY, EnvironmentPhase.EXPIRING, EnvironmentPhase.HELD})
MOMENT = "%Y-%m-%d %H:%MZ"
"""How a time is told wherever an environment is; all are UTC."""
_MOST_DOUBLINGS = 20
_PRICES = "give the missing prices in the catalog's template: a new environment then knows them"


def lives(view: EnvironmentView) -> bool:
    """Whether it is there for somebody to use, and nobody has begun to take it down."""
    return view.phase in _LIVES


def is_ending(view: EnvironmentView) -> bool:
    """Whether it is being torn down, or is gone."""
    return view.phase is not EnvironmentPhase.CREATING and not lives(view)


def is_kept(view: EnvironmentView) -> bool:
    """Whether its end waits for a person: somebody holds it, or its template protects it."""
    return view.hold is not None or view.protected


def is_over(view: EnvironmentView, now: datetime) -> bool:
    return view.expires_at is not None and view.expires_at <= now


def warnings_due(rule: LeaseRule, view: EnvironmentView, now: datetime) -> tuple[timedelta, ...]:
    """The warnings that are due and were not given, the most urgent first."""
    return tuple(before for at, before in reversed(_outstanding(rule, view)) if at <= now)


def wakes_at(rule: LeaseRule, view: EnvironmentView, now: datetime) -> datetime | None:
    """When its story has something to do next; None where nothing is due until somebody speaks."""
    if view.expires_at is None or is_over(view, now):
        return None
    return min([view.expires_at, *(at for at, _ in _outstanding(rule, view))])


def extended(
    plan: EnvironmentPlan, view: EnvironmentView, said: Extend, *, now: datetime
) -> datetime:
    """When it ends with the extension that is asked for; one that is over lives on from now.

    Raises:
        ExtensionRefused: what stands against it, and how much could be had where that would help.
    """
    rule = plan.lease
    span = said.span if said.span is not None else rule.extend_by
    if not lives(view) or view.expires_at is None or view.created_at is None:
        raise ExtensionRefused(f"{view.name} is {view.phase}: there is nothing to extend")
    if len(view.extensions) >= rule.extensions:
        raise ExtensionRefused(
            f"{view.name} was extended {times(len(view.extensions))}, and may be "
            f"{times(rule.extensions)}; it ends at {view.expires_at:{MOMENT}}"
        )
    if not timedelta(0) < span <= rule.extend_by:
        raise ExtensionRefused(
            f"{view.name} may be extended by at most {write_duration(rule.extend_by)} at a time, "
            f"not by {write_duration(span) if span >= timedelta(0) else span}"
        )
    until = max(view.expires_at, now) + span
    latest = view.created_at + rule.longest
    if until > latest:
        room = max(latest - max(view.expires_at, now), timedelta(0))
        raise ExtensionRefused(
            f"{view.name} may get {write_duration(rule.longest)} old, until {latest:{MOMENT}}: "
            f"it can be extended by {write_duration(room)}, not by {write_duration(span)}"
        )
    _expect_affordable(plan, view, until - view.created_at)
    return until


def _expect_affordable(plan: EnvironmentPlan, view: EnvironmentView, life: timedelta) -> None:
    """Raises ExtensionRefused where all of *life* costs more than the budget, or nobody knows."""
    if (budget := plan.lease.money) is None:
        return
    currency = plan.prices.currency
    if view.per_hour is None:
        raise ExtensionRefused(
            f"{view.name} cannot be extended within its budget of {budget:f} {currency}: nobody "
            "knows what it costs, as its template has no price for "
            f"{', '.join(view.unpriced) or 'it'}; {_PRICES}"
        )
    if (cost := over(view.per_hour, life)) > budget:
        raise ExtensionRefused(
            f"{view.name} would cost {cost:.2f} {currency} in all of its life, and its budget is "
            f"{budget:f} {currency}"
        )


def no_extension(view: EnvironmentView) -> str:
    """Why it can be extended no more, and what would help; empty where it can be."""
    if view.extensions_left <= 0:
        return "it cannot be extended any more"
    if view.budget is not None and view.per_hour is None:
        return (
            f"it cannot be extended within its budget of {view.budget:f} {view.currency}: nobody "
            f"knows what it costs; {_PRICES}"
        )
    return ""


def pause_after(rule: TeardownRule, attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to a limit."""
    factor: int = 2 ** min(max(attempts - 1, 0), _MOST_DOUBLINGS)
    return min(rule.retry_after * factor, rule.retry_at_most)


def _outstanding(rule: LeaseRule, view: EnvironmentView) -> tuple[tuple[datetime, timedelta], ...]:
    """The warnings that were not given yet, with their times, in order.

    What would have been due before the lease began, or was last extended, warns of nothing that
    its owner did not just decide. Nobody is warned of an end that waits for a person anyway.
    """
    if view.expires_at is None or is_kept(view):
        return ()
    given = {each.before for each in view.warned}
    began_at = view.extensions[-1].at if view.extensions else view.created_at
    times = {(view.expires_at - before, before) for before in rule.warn_before}
    return tuple(
        sorted(
            (at, before)
            for at, before in times
            if before not in given and (began_at is None or at > began_at)
        )
    )
