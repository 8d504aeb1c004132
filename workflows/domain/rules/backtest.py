"""Recorded rulings made again under changed policies: what would have been decided otherwise."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, JsonValue

from workflows.domain.admission.admission import Admission, admit
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.canonical import content_digest
from workflows.domain.errors import PolicyViolated
from workflows.domain.files import named_files
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.rules.engine import RuleEngine
from workflows.domain.spec import Catalog
from workflows.domain.values import Digest, View


class Shift(StrEnum):
    """What changed policies make of a ruling."""

    NEWLY_DENIED = "newly denied"
    NEWLY_ALLOWED = "newly allowed"
    ASKS_OTHERS = "asks others"
    SAME = "same"


class Backtested(View):
    """One recorded ruling under changed policies.

    `reasons` say why it is denied now, or was denied then; `asked` who had to approve then, and
    `asks` who would have to now, as `environment: role x count`.
    """

    decision: Digest
    release: str
    name: str
    at: AwareDatetime
    shift: Shift
    reasons: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    outcome: str | None = None


def backtest(
    decision: RecordedDecision, rules: Catalog, engine: RuleEngine, *, outcome: str | None = None
) -> Backtested:
    """Rule on *decision* again, by the facts of then and the policies of *rules*.

    A policy that *rules* does not have any more rules as it did.
    """
    before, asked = decision.admission.denials, _asks(decision.admission)
    try:
        now = admit(under(decision.order, rules), decision.facts, engine)
        denials, asks = now.denials, _asks(now)
    except PolicyViolated as refused:
        denials, asks = tuple(str(refused).splitlines()), ()
    shift = Shift.SAME
    if bool(denials) != bool(before):
        shift = Shift.NEWLY_DENIED if denials else Shift.NEWLY_ALLOWED
    elif not denials and asks != asked:
        shift = Shift.ASKS_OTHERS
    return Backtested(
        decision=decision.digest,
        release=decision.release,
        name=decision.order.name,
        at=decision.facts.at,
        shift=shift,
        reasons=denials or before,
        asked=asked,
        asks=asks,
        outcome=outcome,
    )


def under(order: ReleaseOrder, rules: Catalog) -> ReleaseOrder:
    """*order* as it would be handed over with the policies, people and risk models of *rules*."""
    written = order.catalog.get("policies")
    names = set(written) if isinstance(written, dict) else set()
    policies = {name: spec for name, spec in rules.policies.items() if name in names}
    files = {name for _, name in named_files(Catalog(policies=policies))}
    part = Catalog(
        policies=policies,
        people=rules.people,
        risk_models=rules.risk_models,
        files={name: text for name, text in rules.files.items() if name in files},
    )
    changed: dict[str, JsonValue] = part.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_unset=True
    )
    catalog = {**order.catalog}
    for section, documents in changed.items():
        there = catalog.get(section)
        if isinstance(documents, dict) and documents:
            catalog[section] = {**(there if isinstance(there, dict) else {}), **documents}
    return order.model_copy(update={"catalog": catalog, "catalog_digest": content_digest(catalog)})


def _asks(admission: Admission) -> tuple[str, ...]:
    return tuple(
        f"{stage.environment}: {need.role} x {need.count}"
        for stage in admission.plan.stages
        if stage.gate is not None
        for need in stage.gate.needs
    )


def tally(found: Iterable[Backtested]) -> dict[Shift, int]:
    """How many rulings there are of each kind."""
    shifts = [one.shift for one in found]
    return {shift: shifts.count(shift) for shift in Shift}
