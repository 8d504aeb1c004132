"""Who did what for a release, as the facts tell it: the accounts, not yet the humans."""

from collections.abc import Iterator, Mapping

from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.figures import ProvenanceFigures
from workflows.domain.people.duties import Duty, Gap, Holding
from workflows.domain.people.identity import Account, AccountKind
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import Plan
from workflows.domain.risk.factors import doubts
from workflows.domain.risk.facts import ChangeFacts, SourceChange
from workflows.domain.spec import Catalog
from workflows.domain.values import Digest, short


def holdings(
    order: ReleaseOrder, plan: Plan, catalog: Catalog, facts: Facts | None
) -> tuple[Holding, ...]:
    """Every duty that somebody is known to have done for the release of *order*."""
    known = [_trigger(order, facts), *_runbook(plan, catalog)]
    if facts is not None:
        for change in facts.change.sources if facts.change is not None else ():
            known += _authors(change)
        for attestation in facts.attestations or ():
            known += _builder(attestation)
    return tuple(dict.fromkeys(known))


def gaps(facts: Facts | None, builds: Mapping[str, Digest]) -> tuple[Gap, ...]:
    """What of the change nobody could read, so that its authors are unknown.

    *builds* are the builds that are released, by service. Whoever asks for a release names the
    commits of each; a range that leaves some out must not pass for all that was written.
    """
    if facts is None or facts.change is None:
        return ()
    unread = (str(unknown) for unknown in facts.change.unknown)
    hidden = (why for change in facts.change.sources for why in _hidden(change, builds, facts))
    why = (*unread, *hidden, *_unnamed(facts.change, builds))
    return tuple(Gap(duty=Duty.AUTHOR, why=each) for each in why)


def _hidden(change: SourceChange, builds: Mapping[str, Digest], facts: Facts) -> Iterator[str]:
    """Why the commits of *change* may not tell all who wrote it."""
    if not change.complete:
        yield f"the change of {change.service} has more authors than are kept"
    if not change.authors:
        yield f"no commit of {change.service} lies between {change.base[:12]} and its head"
    if change.service in builds:
        for doubt in doubts(change, builds[change.service], facts):
            yield f"{change.service}: {doubt}"


def _unnamed(change: ChangeFacts, builds: Mapping[str, Digest]) -> Iterator[str]:
    """Services without a source beside those with one; that none has any is told as such."""
    told = {one.service for one in change.sources} | {one.what for one in change.unknown}
    for service in sorted(builds.keys() - told) if change.sources else ():
        yield f"the release names no source for {service}"


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


def _builder(attestation: Attestation) -> Iterator[Holding]:
    """Of a build, as its provenance says; whether that is believed is for criteria to rule."""
    figures = attestation.figures
    if isinstance(figures, ProvenanceFigures):
        yield Holding(
            duty=Duty.BUILDER,
            account=Account(kind=AccountKind.BUILD, id=figures.builder_id),
            because=f"built {short(attestation.artifact)}",
        )


def _authors(change: SourceChange) -> Iterator[Holding]:
    """Of the commits that are released, co-authors included."""
    for author in change.authors:
        yield Holding(
            duty=Duty.AUTHOR,
            account=Account(kind=AccountKind.GIT, id=author.email or author.name),
            because=f"wrote a part of the change of {change.service}",
        )
