"""The gates of a plan, once it is known whom they keep out and how people are known there."""

from pydantic import AwareDatetime

from workflows.domain.admission.facts import Facts
from workflows.domain.gates.gates import WaiverGuard
from workflows.domain.people.delegation import handed_over, nobody_s
from workflows.domain.people.duties import (
    Bar,
    DutiesRuling,
    Duty,
    Gap,
    Holding,
    Separation,
    separate,
)
from workflows.domain.people.holdings import gaps, holdings
from workflows.domain.people.identity import AccountKind, Assurance, IdentityMap
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.plan import Plan, ReadinessRule, Stage
from workflows.domain.spec import Catalog, PolicySpec, ReleaseSpec
from workflows.domain.values import Value


class Guarded(Value):
    """A plan whose gates know whom to keep out; *problems* deny it, *remarks* are worth a look."""

    plan: Plan
    bars: tuple[Bar, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def guard(plan: Plan, catalog: Catalog, order: ReleaseOrder, facts: Facts | None) -> Guarded:
    """Rule on the duties at each gate of *plan*, by the policy that guards it.

    Before the start nobody has proven to ask for the release; and without facts, no repository
    was read, so that nothing is held against anybody for not being known.
    """
    humans = identity_map(catalog)
    builds = {p.target.service: p.artifact.digest for p in plan.promotions}
    done = Done(
        held=holdings(order, plan, catalog, facts),
        gaps=gaps(facts, builds),
        at=facts.at if facts is not None else None,
        early=facts is None or facts.foreseen,
    )
    guarded = [_guard(stage, catalog, done, humans) for stage in plan.stages]
    if facts is None:
        guarded = [(stage, found.model_copy(update={"problems": ()})) for stage, found in guarded]
    elif facts.trigger is None and not facts.foreseen:
        guarded = [(stage, found.also(_unproven(stage, order))) for stage, found in guarded]
    return Guarded(
        plan=plan.model_copy(update={"stages": tuple(stage for stage, _ in guarded)}),
        bars=tuple(dict.fromkeys(bar for _, found in guarded for bar in found.bars)),
        problems=(
            *humans.problems(),
            *nobody_s(catalog.people),
            *dict.fromkeys(problem for _, found in guarded for problem in found.problems),
        ),
        remarks=tuple(dict.fromkeys(remark for _, found in guarded for remark in found.remarks)),
    )


def asks_for_proof(release: ReleaseSpec, catalog: Catalog) -> bool:
    """Whether any environment of *release* lets in only whom somebody proved to ask for."""
    policies = (
        catalog.environments[stop.name].policy_ref
        for stop in release.environments
        if stop.name in catalog.environments
    )
    return any(
        catalog.policies[name].identity is Assurance.PROVEN
        for name in policies
        if name in catalog.policies
    )


def identity_map(catalog: Catalog) -> IdentityMap:
    """Which person of *catalog* an account belongs to."""
    return IdentityMap({name: person.accounts.all for name, person in catalog.people.items()})


def _guard(
    stage: Stage, catalog: Catalog, done: "Done", humans: IdentityMap
) -> tuple[Stage, "_Found"]:
    policy = _policy_of(stage, catalog)
    if policy is None:
        return stage, _Found()
    ruling = done.apart_by(policy.separation, humans)
    waiving = WaiverGuard(
        identity=policy.identity,
        accounts=humans.of_kind(AccountKind.OIDC) if policy.identity is Assurance.PROVEN else {},
        barred=dict(sorted(ruling.barred.items())),
    )
    stage = stage.model_copy(
        update={"waiving": waiving, "readiness": _known_by(stage.readiness, policy, done, humans)}
    )
    if stage.gate is None:
        return stage, _Found()
    asked = handed_over(stage.gate, catalog.people, barred=ruling.barred, at=done.at)
    gate = asked.model_copy(
        update={
            "identity": policy.identity,
            "accounts": _accounts(policy, humans),
            "barred": {
                human: why for human, why in sorted(ruling.barred.items()) if human in asked.people
            },
        }
    )
    found = _Found(
        bars=ruling.bars,
        problems=tuple(f"{stage.environment}: {problem}" for problem in ruling.problems),
        remarks=ruling.remarks,
    )
    return stage.model_copy(update={"gate": gate}), found


class Done(Value):
    """What is known of who did what, and of what nobody knows."""

    held: tuple[Holding, ...]
    gaps: tuple[Gap, ...]
    at: AwareDatetime | None
    early: bool
    """Before the start: whoever asks and is nobody yet will prove who they are."""

    def apart_by(self, separation: Separation, humans: IdentityMap) -> DutiesRuling:
        """Who may not approve by the rules of *separation*."""
        unknown = (
            each.account.key
            for each in self.held
            if self.early and each.duty is Duty.TRIGGER and humans.human(each.account) is None
        )
        lenient = separation.model_copy(update={"machines": (*separation.machines, *unknown)})
        return separate(lenient, self.held, humans, gaps=self.gaps)


class _Found(Value):
    bars: tuple[Bar, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def also(self, problems: tuple[str, ...]) -> "_Found":
        return self.model_copy(update={"problems": (*self.problems, *problems)})


def _unproven(stage: Stage, order: ReleaseOrder) -> tuple[str, ...]:
    """Why a release that nobody proved to ask for cannot enter *stage*."""
    if stage.waiving.identity is Assurance.ASSERTED:
        return ()
    why = (
        f"{stage.environment}: its policy asks for a proven identity, and {order.requested_by} "
        "only asserts to have asked: start it with `lockgate start`, signed in, or with the token "
        "of the pipeline"
    )
    return (why,)


def _known_by(
    rule: ReadinessRule | None, policy: PolicySpec, done: Done, humans: IdentityMap
) -> ReadinessRule | None:
    """The readiness review, once it is known how people are known there, and who asks."""
    if rule is None:
        return None
    asking = (humans.human(one.account) for one in done.held if one.duty is Duty.TRIGGER)
    known = {
        "identity": policy.identity,
        "accounts": _accounts(policy, humans),
        "asked_by": tuple(sorted({human for human in asking if human is not None})),
    }
    return rule.model_copy(update=known)


def _accounts(policy: PolicySpec, humans: IdentityMap) -> dict[str, str]:
    """Where identity is proven: by what a token is traced to its human.

    Also to those who are not asked: they are told why their word does not count.
    """
    return {} if policy.identity is Assurance.ASSERTED else humans.of_kind(AccountKind.OIDC)


def _policy_of(stage: Stage, catalog: Catalog) -> PolicySpec | None:
    environment = catalog.environments[stage.environment]
    return catalog.policies[environment.policy_ref] if environment.policy_ref else None
