"""Asks the rules of every policy that guards an environment of a release, and fails closed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError

from workflows.domain.admission.change import ClassRuling
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.criteria import CriterionResult
from workflows.domain.canonical import content_digest
from workflows.domain.readiness.runbooks import rule_on_runbooks
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import GateRule, Plan, RoleNeed, Stage
from workflows.domain.risk.score import RiskScore
from workflows.domain.rules.document import PolicyInput, as_document, plan_view
from workflows.domain.rules.engine import Answer, Question, RuleEngine, Said, ask
from workflows.domain.rules.finding import Effect, Finding
from workflows.domain.rules.reads import misread, unassessed
from workflows.domain.spec import Catalog, Release
from workflows.domain.spec.rules import RulesSpec
from workflows.domain.values import Digest, Name

_TOLD = 20
"""So many problems of one policy; a person mends the first ones first."""
_LONGEST = 1000


class _Message(BaseModel):
    """A message that is more than a text: what it says, and whom it asks for."""

    msg: str
    role: Name | None = None
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known and ruled of an order before its rules are asked."""

    facts: Facts
    change_class: ClassRuling
    risk: RiskScore
    criteria: tuple[CriterionResult, ...] = ()


def seen(
    order: ReleaseOrder, release: Release, catalog: Catalog, plan: Plan, known: Known
) -> PolicyInput:
    """What rules are shown; the environment is filled in for each that they guard."""
    return PolicyInput(
        environment="",
        at=known.facts.at,
        requested_by=order.requested_by,
        release=release,
        plan=plan_view(plan),
        catalog=catalog,
        facts=known.facts,
        change_class=known.change_class,
        risk=known.risk,
        criteria=known.criteria,
        runbooks=rule_on_runbooks(release.spec, catalog, known.facts),
    )


def input_of(order: ReleaseOrder, plan: Plan, known: Known, *, environment: str) -> PolicyInput:
    """What the rules of *environment* are shown of an order that is in order."""
    release = Release.model_validate(order.release)
    catalog = Catalog.model_validate(order.catalog)
    shown = seen(order, release, catalog, plan, known)
    without = catalog.model_copy(update={"files": {}})
    return shown.model_copy(update={"environment": environment, "catalog": without})


def findings_of(document: PolicyInput, engine: RuleEngine | None) -> tuple[Finding, ...]:
    """What the rules of each stage's policy say; *document* is the input but for its environment.

    Whatever keeps rules from being evaluated denies: an error, time or memory that ran out, a
    result that is undefined, a field that no input has, a fact that nobody assessed.
    """
    return tuple(
        finding
        for stage in document.plan.stages
        for finding in _of_stage(stage.environment, document, engine)
    )


def _of_stage(
    environment: str, document: PolicyInput, engine: RuleEngine | None
) -> Iterator[Finding]:
    catalog = document.catalog
    policy = catalog.environments[environment].policy_ref
    rules = catalog.policies[policy].rules if policy is not None else None
    if policy is None or rules is None:
        return
    without = catalog.model_copy(update={"files": {}})
    seen = document.model_copy(update={"environment": environment, "catalog": without})
    for finding in _ruled(rules, as_document(seen), catalog, engine):
        placed = finding.model_copy(update={"environment": environment, "policy": policy})
        yield placed if rules.severity == "deny" else _on_trial(placed)


def _ruled(
    rules: RulesSpec, document: JsonValue, catalog: Catalog, engine: RuleEngine | None
) -> Iterator[Finding]:
    if missing := [name for name in rules.files if name not in catalog.files]:
        yield _broken(f"the order does not carry the files {', '.join(missing)}")
        return
    if engine is None:
        yield _broken("nothing here evaluates rules")
        return
    answer = ask(
        engine,
        Question(
            mode="evaluate",
            files={str(name): catalog.files[name] for name in rules.files},
            package=rules.package,
            input=document,
        ),
    )
    problems = (*answer.problems, *misread(answer.reads))
    for problem in problems[:_TOLD]:
        message = f"its rules cannot be evaluated: {problem.message}"
        yield _broken(message, file=problem.file, line=problem.line)
    if not problems:
        yield from _said(answer)
        yield from _missing(answer, document)


def _missing(answer: Answer, document: JsonValue) -> Iterator[Finding]:
    for read in unassessed(answer.reads, document):
        what = ".".join(read.path)
        yield _broken(
            f"its rules go by input.{what}, which nobody assessed",
            file=read.file,
            line=read.line,
            unassessed=what,
        )


def _said(answer: Answer) -> Iterator[Finding]:
    for effect in Effect:
        for said in answer.said.get(effect, ()):
            yield _finding(effect, said)


def _finding(effect: Effect, said: Said) -> Finding:
    """A message as text, or as an object with `msg`; to require, it names a `role` and a count."""
    try:
        told = _Message.model_validate(
            {"msg": said.value} if isinstance(said.value, str) else said.value
        )
    except ValidationError:
        told = None
    shape = '{"msg": "why", "role": "security", "count": 1}'
    if told is None or (effect is Effect.REQUIRE and (told.role is None or told.count < 1)):
        wanted = shape if effect is Effect.REQUIRE else 'a text, or {"msg": "why"}'
        found = f"{effect} holds {_short(said.value)}; expected {wanted}"
        return _broken(found, file=said.file, line=said.line)
    asks = effect is Effect.REQUIRE
    return Finding(
        environment="",
        policy="",
        effect=effect,
        message=told.msg[:_LONGEST],
        role=told.role if asks else None,
        count=told.count if asks else 1,
        file=said.file,
        line=said.line,
    )


def _short(value: JsonValue) -> str:
    return str(value)[:80]


def _broken(
    message: str, *, file: str = "", line: int = 0, unassessed: str | None = None
) -> Finding:
    return Finding(
        environment="",
        policy="",
        effect=Effect.DENY,
        message=message[:_LONGEST],
        file=file,
        line=line,
        broken=True,
        unassessed=unassessed,
    )


def _on_trial(finding: Finding) -> Finding:
    if finding.effect is Effect.WARN:
        return finding
    would = "would deny" if finding.effect is Effect.DENY else "would require"
    asked = f" {finding.role} x {finding.count}" if finding.role is not None else ""
    message = f"on trial, {would}{asked}: {finding.message}"[:_LONGEST]
    return finding.model_copy(
        update={"effect": Effect.WARN, "message": message, "role": None, "count": 1}
    )


def required(plan: Plan, findings: tuple[Finding, ...], catalog: Catalog) -> Plan:
    """*plan* with the approvals that rules ask for besides; a gate only ever grows."""
    asked: dict[str, dict[str, int]] = {}
    for finding in findings:
        if finding.effect is Effect.REQUIRE and finding.role is not None:
            roles = asked.setdefault(finding.environment, {})
            roles[finding.role] = max(finding.count, roles.get(finding.role, 0))

    def grown(stage: Stage) -> Stage:
        if stage.environment not in asked:
            return stage
        gate = _grown(stage.gate, asked[stage.environment], stage.environment, catalog)
        return stage.model_copy(update={"gate": gate})

    return plan.model_copy(update={"stages": tuple(grown(stage) for stage in plan.stages)})


def _grown(
    gate: GateRule | None, roles: Mapping[str, int], environment: str, catalog: Catalog
) -> GateRule:
    policy = catalog.policies[catalog.environments[environment].policy_ref or ""]
    base = gate or GateRule(
        environment=environment, needs=(), people={}, open_for=policy.approvals.expire_after
    )
    counts = {need.role: need.count for need in base.needs}
    for role, count in roles.items():
        counts[role] = max(count, counts.get(role, 0))
    people = {
        name: held
        for name, person in sorted(catalog.people.items())
        if (held := tuple(role for role in person.roles if role in counts))
    }
    needs = tuple(RoleNeed(role=role, count=count) for role, count in counts.items())
    return base.model_copy(update={"needs": needs, "people": people})


def rules_digest(catalog: Catalog) -> Digest:
    """The content address of all that rules: policies, the files that are named, risk models."""
    ruled = catalog.model_dump(
        mode="json",
        by_alias=True,
        include={"policies", "files", "risk_models"},
        exclude_defaults=True,
    )
    return content_digest(ruled)
