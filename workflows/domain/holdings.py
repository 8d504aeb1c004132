"""Who did what for a release, as the facts tell it: the accounts, not yet the humans."""

from collections.abc import Iterator

from workflows.domain.duties import Duty, Gap, Holding
from workflows.domain.facts import Facts
from workflows.domain.identity import Account, AccountKind
from workflows.domain.order import ReleaseOrder
from workflows.domain.plan import Plan
from workflows.domain.risk.facts import SourceChange
from workflows.domain.spec import Catalog


def holdings(
    order: ReleaseOrder, plan: Plan, catalog: Catalog, facts: Facts | None
) -> tuple[Holding, ...]:
    """Every duty that somebody is known to have done for the release of *order*."""
    known = [_trigger(order, facts), *_runbook(plan, catalog)]
    for change in facts.change.sources if facts is not None and facts.change is not None else ():
        known += _authors(change)
    return tuple(dict.fromkeys(known))


def gaps(facts: Facts | None) -> tuple[Gap, ...]:
    """What of the change nobody could read, so that its authors are unknown."""
    if facts is None or facts.change is None:
        return ()
    unread = (Gap(duty=Duty.AUTHOR, why=str(unknown)) for unknown in facts.change.unknown)
    cut = (
        Gap(duty=Duty.AUTHOR, why=f"the change of {change.service} has more authors than are kept")
        for change in facts.change.sources
        if not change.complete
    )
    return (*unread, *cut)


def _trigger(order: ReleaseOrder, facts: Facts | None) -> Holding:
    trigger = facts.trigger if facts is not None else None
    asked = trigger.person if trigger is not None else order.requested_by
    return Holding(
        duty=Duty.TRIGGER,
        account=Account(kind=AccountKind.NAME, id=asked),
        because="asked for this release",
    )


def _runbook(plan: Plan, catalog: Catalog) -> Iterator[Holding]:
    if plan.runbook is not None:
        author = catalog.runbooks[plan.runbook.name].author
        yield Holding(
            duty=Duty.RUNBOOK_AUTHOR,
            account=Account(kind=AccountKind.NAME, id=author),
            because=f"wrote the runbook {plan.runbook.name}",
        )


def _authors(change: SourceChange) -> Iterator[Holding]:
    """Of the commits that are released, co-authors included."""
    for author in change.authors:
        yield Holding(
            duty=Duty.AUTHOR,
            account=Account(kind=AccountKind.GIT, id=author.email or author.name),
            because=f"wrote a part of the change of {change.service}",
        )
