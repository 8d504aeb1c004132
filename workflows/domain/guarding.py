"""The gates of a plan, once it is known whom they keep out and how people are known there."""

from collections.abc import Iterable

from workflows.domain.duties import Bar, Duty, Holding, separate
from workflows.domain.facts import Facts
from workflows.domain.gates import WaiverGuard
from workflows.domain.identity import Account, AccountKind, Assurance, IdentityMap
from workflows.domain.order import ReleaseOrder
from workflows.domain.plan import GateRule, Plan, Stage
from workflows.domain.spec import Catalog, PolicySpec
from workflows.domain.values import Value


class Guarded(Value):
    """A plan whose gates know whom to keep out; *problems* deny it, *remarks* are worth a look."""

    plan: Plan
    bars: tuple[Bar, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def holdings(order: ReleaseOrder, facts: Facts | None) -> tuple[Holding, ...]:
    """Who did what for the release, as far as anything tells."""
    trigger = facts.trigger if facts is not None else None
    asked = trigger.person if trigger is not None else order.requested_by
    return (
        Holding(
            duty=Duty.TRIGGER,
            account=Account(kind=AccountKind.NAME, id=asked),
            because="asked for this release",
        ),
    )


def guard(plan: Plan, catalog: Catalog, held: Iterable[Holding]) -> Guarded:
    """Rule on the duties at each gate of *plan*, by the policy that guards it."""
    humans = identity_map(catalog)
    done = tuple(held)
    guarded = [_guard(stage, catalog, done, humans) for stage in plan.stages]
    return Guarded(
        plan=plan.model_copy(update={"stages": tuple(stage for stage, _ in guarded)}),
        bars=tuple(dict.fromkeys(bar for _, found in guarded for bar in found.bars)),
        problems=(
            *humans.problems(),
            *dict.fromkeys(problem for _, found in guarded for problem in found.problems),
        ),
        remarks=tuple(dict.fromkeys(remark for _, found in guarded for remark in found.remarks)),
    )


def identity_map(catalog: Catalog) -> IdentityMap:
    """Which person of *catalog* an account belongs to."""
    return IdentityMap({name: person.accounts.all for name, person in catalog.people.items()})


def _guard(
    stage: Stage, catalog: Catalog, held: tuple[Holding, ...], humans: IdentityMap
) -> tuple[Stage, "_Found"]:
    policy = _policy_of(stage, catalog)
    if policy is None:
        return stage, _Found()
    ruling = separate(policy.separation, held, humans)
    waiving = WaiverGuard(
        identity=policy.identity,
        accounts=humans.of_kind(AccountKind.OIDC) if policy.identity is Assurance.PROVEN else {},
        barred=dict(sorted(ruling.barred.items())),
    )
    stage = stage.model_copy(update={"waiving": waiving})
    if stage.gate is None:
        return stage, _Found()
    gate = stage.gate.model_copy(
        update={
            "identity": policy.identity,
            "accounts": _accounts(stage.gate, policy, humans),
            "barred": {
                human: why
                for human, why in sorted(ruling.barred.items())
                if human in stage.gate.people
            },
        }
    )
    found = _Found(
        bars=ruling.bars,
        problems=tuple(f"{stage.environment}: {problem}" for problem in ruling.problems),
        remarks=ruling.remarks,
    )
    return stage.model_copy(update={"gate": gate}), found


class _Found(Value):
    bars: tuple[Bar, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def _accounts(gate: GateRule, policy: PolicySpec, humans: IdentityMap) -> dict[str, str]:
    """Where identity is proven: by what a token is traced to those whom the gate asks."""
    if policy.identity is Assurance.ASSERTED:
        return {}
    traced = humans.of_kind(AccountKind.OIDC)
    return {key: human for key, human in traced.items() if human in gate.people}


def _policy_of(stage: Stage, catalog: Catalog) -> PolicySpec | None:
    environment = catalog.environments[stage.environment]
    return catalog.policies[environment.policy_ref] if environment.policy_ref else None
