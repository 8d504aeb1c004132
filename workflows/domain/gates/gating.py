"""From rulings to gates: who must agree by a matrix, and what must hold besides."""

from collections.abc import Iterable, Iterator

from workflows.domain.gates.gates import GateRuling
from workflows.domain.gates.matrix import Case, MatrixRow, combined, rule_on
from workflows.domain.readiness.runbooks import RunbookRuling
from workflows.domain.release.plan import Plan, Stage
from workflows.domain.release.planning import gate_rule
from workflows.domain.spec import Catalog
from workflows.domain.spec.gates import RUNBOOK


def rows_of(plan: Plan, catalog: Catalog, *, change_class: str, risk: str) -> Iterator[MatrixRow]:
    """The row of each case of *plan*: a release is as many cases as its data has classes.

    Raises:
        PolicyViolated: for a case that not exactly one row decides.
    """
    for stage in plan.stages:
        name = catalog.environments[stage.environment].policy_ref
        matrix = catalog.policies[name].decision_matrix if name is not None else None
        if name is None or matrix is None:
            continue
        services = (promotion.target.service for promotion in stage.promotions)
        for data_class in sorted({catalog.services[service].data_class for service in services}):
            case = Case(
                change_class=change_class,
                risk=risk,
                environment=stage.environment,
                data_class=data_class,
            )
            yield rule_on(name, matrix, case)


def gated(plan: Plan, rows: tuple[MatrixRow, ...], catalog: Catalog) -> Plan:
    """*plan* with the gates that *rows* ask for; a stage without rows keeps its own."""

    def with_gate(stage: Stage) -> Stage:
        ours = tuple(row for row in rows if row.case.environment == stage.environment)
        if not ours:
            return stage
        names = tuple(dict.fromkeys(row.row for row in ours))
        gate = gate_rule(stage.environment, combined(ours), catalog, rows=names)
        return stage.model_copy(update={"gate": gate})

    return plan.model_copy(update={"stages": tuple(with_gate(stage) for stage in plan.stages)})


def runbook_gates(rulings: Iterable[RunbookRuling]) -> Iterator[GateRuling]:
    """Approval opens only once the runbook was reviewed as it is now."""
    for ruling in rulings:
        yield GateRuling(
            environment=ruling.environment,
            gate=RUNBOOK,
            met=ruling.stands,
            reason="" if ruling.stands else ruling.why,
            evidence=(ruling.digest,),
            cleared_by=ruling.can_be_cleared_by,
            before_approval=True,
        )
