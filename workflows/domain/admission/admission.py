"""May this order go, and what would it do: ruled on the worker, which trusts no front door."""

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

from pydantic import JsonValue, ValidationError

from workflows.domain.admission.assessment import Assessment, assess
from workflows.domain.admission.change import ClassRuling, blocked_by_debt, too_few
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.criteria import CriterionResult
from workflows.domain.attestations.gating import criterion_gates
from workflows.domain.attestations.ruling import criteria_of
from workflows.domain.calendar.on_time import rule_on_time
from workflows.domain.calendar.ruling import SlotRuling
from workflows.domain.calendar.timetable import Timetable
from workflows.domain.canonical import canonical, content_digest
from workflows.domain.errors import PolicyViolated
from workflows.domain.gates.gates import GateRuling
from workflows.domain.gates.gating import gated, rows_of, runbook_gates
from workflows.domain.gates.guarding import Guarded, guard
from workflows.domain.gates.matrix import MatrixRow
from workflows.domain.gates.vote import Vote, decide, is_same_person, may_vote
from workflows.domain.names import UNASSESSED
from workflows.domain.people.duties import Bar
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.readiness import never_ready
from workflows.domain.readiness.runbooks import RunbookRuling, rule_on_runbooks
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.outcomes import Profile, profile_of
from workflows.domain.release.plan import GateRule, Plan
from workflows.domain.release.planning import compile_plan
from workflows.domain.risk.score import RiskScore
from workflows.domain.rules.engine import RuleEngine
from workflows.domain.rules.finding import Effect, Finding, denials
from workflows.domain.rules.ruling import Known, findings_of, required, rules_digest, seen
from workflows.domain.spec import Catalog, Release
from workflows.domain.values import Digest, SpecPart, Value, digest_of

Written = TypeVar("Written", bound=SpecPart)
Place: TypeAlias = tuple[str | int, ...]


class Admission(Value):
    """The whole ruling on an order: its plan, and the digest that every approval must name."""

    plan: Plan
    decision_digest: Digest
    facts_digest: Digest | None = None
    """Of the facts it went by; None where none were read."""
    duties: tuple[Bar, ...] = ()
    """Who may not approve, because of what they did for the release."""
    remarks: tuple[str, ...] = ()
    """What denies nothing and should be known."""
    timetables: tuple[Timetable, ...] = ()
    """What each stage's windows go by; the digest that approvers name is not of them."""
    slot: SlotRuling | None = None
    """When it could be made, as the calendar was when it was asked."""
    runbooks: tuple[RunbookRuling, ...] = ()
    """Of each environment whose approval waits for the runbook's review."""
    rows: tuple[MatrixRow, ...] = ()
    """The rows of decision matrices that say who must agree, one for each case."""
    rules_digest: Digest | None = None
    """Of the policies and files that ruled; None where none were asked."""
    findings: tuple[Finding, ...] = ()
    """What the rules of policies say; one that denies keeps the release from starting."""

    change_class: ClassRuling | None = None
    """Standard, normal or emergency; None where no facts were read."""
    risk: RiskScore | None = None
    """How much it risks, and why; None where no facts were read."""
    profile: Profile | None = None
    """What its outcome will be filed under; None where no facts were read."""
    criteria: tuple[CriterionResult, ...] = ()
    """What the evidence makes of each criterion, for each service."""
    gates: tuple[GateRuling, ...] = ()
    """What it says of the gates that go by it, environment by environment."""

    @property
    def denials(self) -> tuple[str, ...]:
        """Why policies forbid the release, one sentence each."""
        return denials(self.findings)

    @property
    def lacks_facts_alone(self) -> bool:
        """Whether every denial is for want of a fact: once it can be read, it may be none."""
        denied = [finding for finding in self.findings if finding.effect is Effect.DENY]
        return all(finding.unassessed is not None for finding in denied)


def admit(
    order: ReleaseOrder, facts: Facts | None = None, engine: RuleEngine | None = None
) -> Admission:
    """Rule on *order* by its own documents and by *facts*.

    Without facts only what the documents say is ruled on, as a front door does before it asks.
    What rules in Rego deny is in the ruling, not raised, so that it can be recorded and shown.

    Raises:
        PolicyViolated: with every problem, one a line: a document that is not what the kinds
            allow, a digest that is not that of its document, a reference that names nothing, a
            case that no row of a matrix or more than one decides, a gate that could never open.
    """
    release, catalog, problems = _documents(order)
    plan, assessed, rows = _planned(release, catalog, facts, problems)
    times, slot = rule_on_time(release, catalog, plan, facts, problems)
    criteria = criteria_of(order, release, catalog, facts, problems)
    findings: tuple[Finding, ...] = ()
    if assessed is not None and facts is not None:
        known = _known(facts, assessed, criteria)
        findings = findings_of(seen(order, release, catalog, plan, known), engine)
        plan = required(plan, findings, catalog)
        problems += blocked_by_debt(facts, assessed.change_class)
        problems += too_few(plan, assessed.change_class)
    guarded = guard(plan, catalog, order, facts)
    if problems := [*problems, *_never_passed(guarded, order.requested_by)]:
        raise PolicyViolated("\n".join(problems))
    runbooks = rule_on_runbooks(release.spec, catalog, facts)
    return Admission(
        plan=guarded.plan,
        decision_digest=_digest(
            guarded.plan, rows=rows, findings=findings, criteria=criteria, assessed=assessed
        ),
        facts_digest=digest_of(facts.model_dump_json()) if facts is not None else None,
        duties=guarded.bars,
        remarks=guarded.remarks,
        timetables=times,
        slot=slot,
        rules_digest=rules_digest(catalog) if facts is not None else None,
        runbooks=runbooks,
        rows=rows,
        findings=findings,
        change_class=assessed.change_class if assessed else None,
        risk=assessed.risk if assessed else None,
        profile=_profile(assessed, facts, rows),
        criteria=criteria,
        gates=(*runbook_gates(runbooks), *criterion_gates(criteria, catalog.people)),
    )


def _digest(
    plan: Plan,
    *,
    rows: tuple[MatrixRow, ...],
    findings: tuple[Finding, ...],
    criteria: tuple[CriterionResult, ...],
    assessed: Assessment | None,
) -> Digest:
    """Of what approvers decide on: not of the time, nor of words that tell it."""
    return _decided_on(
        plan=plan,
        rows=rows,
        findings=findings,
        criteria=tuple(each.pinned for each in criteria),
        change_class=assessed.change_class.material if assessed else (),
        risk=assessed.risk.material if assessed else (),
    )


def _profile(
    assessed: Assessment | None, facts: Facts | None, rows: tuple[MatrixRow, ...]
) -> Profile | None:
    if assessed is None or facts is None:
        return None
    asked = [row.retrospective for row in rows if row.retrospective is not None]
    return profile_of(assessed, facts, retrospective_within=min(asked, default=None))


def _known(facts: Facts, assessed: Assessment, criteria: tuple[CriterionResult, ...]) -> Known:
    """What rules are told of what was ruled before them."""
    return Known(
        facts=facts,
        change_class=assessed.change_class,
        risk=assessed.risk,
        criteria=criteria,
    )


def _planned(
    release: Release, catalog: Catalog, facts: Facts | None, problems: list[str]
) -> tuple[Plan, Assessment | None, tuple[MatrixRow, ...]]:
    """The plan with its gates, and the assessment and the rows that they go by.

    Raises:
        PolicyViolated: there is none; *problems* are told with it.
    """
    try:
        plan = compile_plan(release.metadata.name, release.spec, catalog)
        assessed = assess(release.spec, catalog, facts) if facts is not None else None
        rows = tuple(_rows(plan, catalog, assessed))
    except PolicyViolated as refused:
        raise PolicyViolated("\n".join([*problems, str(refused)])) from refused
    return gated(plan, rows, catalog), assessed, rows


def _never_passed(guarded: Guarded, requested_by: str) -> Iterator[str]:
    """What would stop the plan whatever anybody does."""
    yield from guarded.problems
    plan = guarded.plan
    yield from closed_gates(plan, requested_by)
    rules = [stage.readiness for stage in plan.stages if stage.readiness is not None]
    yield from never_ready(rules, requested_by)
    yield from too_large(plan)


def _documents(order: ReleaseOrder) -> tuple[Release, Catalog, list[str]]:
    """The documents of *order*, and what is wrong with them though they can be read.

    Raises:
        PolicyViolated: they cannot.
    """
    try:
        problems = list(_digest_problems(order))
    except ValueError as error:
        raise PolicyViolated(f"the documents are not JSON: {error}") from error
    release = _read(Release, "release", order.release, problems)
    catalog = _read(Catalog, "catalog", order.catalog, problems)
    if release is None or catalog is None:
        raise PolicyViolated("\n".join(problems))
    if release.metadata.name != order.name:
        problems.append(f"name: {order.name!r}, but its document names {release.metadata.name!r}")
    return release, catalog, problems


def _rows(plan: Plan, catalog: Catalog, assessed: Assessment | None) -> Iterator[MatrixRow]:
    """The rows of each class that the release must answer for; without facts, of a normal one."""
    if assessed is None:
        yield from rows_of(plan, catalog, change_class="normal", risk=UNASSESSED)
        return
    for change_class in assessed.change_class.rows:
        risk = assessed.risk.gating_level
        yield from rows_of(plan, catalog, change_class=change_class, risk=risk)


def _decided_on(**parts: Value | tuple[Value, ...]) -> Digest:
    """The content address of all that approvers decide on; what is empty takes no part.

    Without defaults, so that a field added later leaves the digests that people approved.
    """
    told: dict[str, JsonValue] = {
        name: part.model_dump(mode="json", exclude_defaults=True)
        if isinstance(part, Value)
        else [one.model_dump(mode="json", exclude_defaults=True) for one in part]
        for name, part in parts.items()
        if part
    }
    return content_digest(told)


def closed_gates(plan: Plan, requested_by: str) -> Iterator[str]:
    """Name each gate that stays shut even if everybody approves who may.

    Whoever asked for the release may not, nor who wrote or built it, nor whom no token can prove.
    """
    for stage in plan.stages:
        if stage.gate is None:
            continue
        voters = may_vote(stage.gate, requested_by)
        votes = {name: Vote(voter=name, approved=True, digest=plan.digest) for name in voters}
        if decide(stage.gate, votes) is None:
            needs = " and ".join(f"{n.count} of role {n.role}" for n in stage.gate.needs)
            yield (
                f"environment {stage.environment!r} needs {needs}, and {requested_by}, who asks "
                f"for the release, cannot approve it; others who could: "
                f"{', '.join(voters) or 'nobody'}{_kept_out(stage.gate, requested_by)}"
            )


def _kept_out(gate: GateRule, requested_by: str) -> str:
    """Who holds a role and may not vote for another reason than having asked."""
    traced = set(gate.accounts.values())
    unproven = gate.identity is Assurance.PROVEN and sorted(set(gate.people) - traced)
    told = [
        f"{name} {did}"
        for name, did in sorted(gate.barred.items())
        if not is_same_person(name, requested_by)
    ]
    if unproven:
        told.append(f"no token can prove {', '.join(unproven)}: give them `accounts.oidc`")
    return f"; {'; '.join(told)}" if told else ""


def too_large(plan: Plan) -> Iterator[str]:
    """Name what Temporal could not carry: a payload of 2 MB, a history of 51 200 events.

    A promotion adds about 65 events to its release's history for a ladder of six steps; the limit
    leaves half of what there is in reserve. Looks are not counted: a stage is one activity.
    """
    if (size := len(plan.model_dump_json())) > _PLAN_BYTES:
        yield f"the plan has {size} bytes, at most {_PLAN_BYTES} can be carried: {_SPLIT}"
    steps = sum(len(promotion.steps) + 1 for promotion in plan.promotions)
    if steps > _STEPS:
        yield f"the plan has {steps} steps in all, at most {_STEPS} can be carried: {_SPLIT}"


_PLAN_BYTES = 800_000
_STEPS = 2_500
_SPLIT = "release fewer services or environments at once"


def _digest_problems(order: ReleaseOrder) -> Iterator[str]:
    documents: tuple[tuple[str, JsonValue, Digest], ...] = (
        ("manifest", order.release, order.manifest_digest),
        ("catalog", order.catalog, order.catalog_digest),
    )
    for what, document, claimed in documents:
        if (found := content_digest(document)) != claimed:
            yield f"{what} digest: the order claims {claimed}, its content is {found}"


def _read(
    model: type[Written], what: str, document: JsonValue, problems: list[str]
) -> Written | None:
    """Read *document* as strictly as a file is read; add to *problems* what is wrong with it."""
    try:
        return model.model_validate_json(
            canonical(document), strict=True, by_alias=True, by_name=False
        )
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        places = [one["loc"] for one in found]
        problems += [
            f"{what}.{'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in found
            if one["type"] != "too_short" or not _within(one["loc"], places)
        ]
    return None


def _within(place: Place, others: list[Place]) -> bool:
    """Whether one of *others* lies inside: pydantic counts a list without its refused items."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in others)
