"""Two plans of environments beside each other: what one says and the other does not."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from workflows.domain.durations import write_duration
from workflows.domain.environments.census import Resource
from workflows.domain.environments.order import EnvironmentPlan, LeaseRule
from workflows.domain.values import View, short

_NOTHING = "-"


class Difference(View):
    """One thing that is not the same on both sides, in the words of the template's file."""

    what: str
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.what}: {self.one} | {self.other}"


def plan_differences(one: EnvironmentPlan, other: EnvironmentPlan) -> tuple[Difference, ...]:
    """What *one* has otherwise than *other*; the template's text by its digest alone."""
    return tuple(differences(facts(one), facts(other)))


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Difference]:
    """Each fact that is not the same in both, in the order in which they are told."""
    for what in dict.fromkeys((*one, *other)):
        ours, theirs = one.get(what, _NOTHING), other.get(what, _NOTHING)
        if ours != theirs:
            yield Difference(what=what, one=ours, other=theirs)


def text_difference(one: str, other: str, *, names: tuple[str, str]) -> tuple[str, ...]:
    """The lines of two template texts that differ, as `diff -u` shows them."""
    found = difflib.unified_diff(one.splitlines(), other.splitlines(), *names, lineterm="", n=2)
    return tuple(found)


def facts(plan: EnvironmentPlan) -> dict[str, str]:
    """What a plan says, by the field of the template's file that says it."""
    blueprint, teardown = plan.blueprint, plan.teardown
    return {
        "template": f"{blueprint.template} ({short(blueprint.digest)})",
        "provider": str(plan.provider),
        "owner": plan.team,
        **{f"parameters.{name}": value for name, value in blueprint.parameters.items()},
        **_lease(plan.lease),
        "prices.currency": plan.prices.currency,
        **{
            f"prices.{kind}": f"{amount.normalize():f} an hour"
            for kind, amount in plan.prices.per_hour.items()
        },
        "teardown.emptyBuckets": _yes(said=teardown.empty_buckets),
        "teardown.terminationProtection": "lift" if teardown.lift_protection else "refuse",
        "teardown.snapshots": _listed(teardown.snapshots, every=teardown.snapshot_all),
        "protected": _yes(said=plan.protected),
    }


def _lease(rule: LeaseRule) -> dict[str, str]:
    return {
        "lease.ttl": write_duration(rule.ttl),
        "lease.longest": write_duration(rule.longest),
        "lease.warnBefore": ", ".join(write_duration(each) for each in rule.warn_before)
        or _NOTHING,
        "extension.times": str(rule.extensions),
        "extension.by": write_duration(rule.extend_by),
        "extension.money": _NOTHING if rule.money is None else f"{rule.money.normalize():f}",
    }


def _listed(names: Iterable[str], *, every: bool) -> str:
    return "everything" if every else ", ".join(names) or _NOTHING


def _yes(*, said: bool) -> str:
    return "true" if said else "false"


def by_type(resources: Iterable[Resource]) -> dict[str, str]:
    """How many resources there are of each type."""
    counts: dict[str, int] = {}
    for resource in resources:
        counts[resource.type] = counts.get(resource.type, 0) + 1
    return {f"resources.{kind}": str(count) for kind, count in sorted(counts.items())}
