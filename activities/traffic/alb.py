"""Routes as weighted target groups behind a listener of an Application Load Balancer."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from activities.traffic.alb_listener import AlbListener, GroupsOf
from activities.traffic.alb_rules import (
    NOTHING,
    Json,
    Told,
    actions,
    affinity_of,
    arns_of,
    conditions,
    forwards,
    group_id,
    header_of,
    named,
    read_tags,
    route_tags,
    shares_of,
    told_of,
)
from activities.traffic.elbv2_client import Elbv2
from activities.traffic.router import expect_able
from workflows.domain.errors import Diverged, TargetMissing
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.route import CAN, Route

_HEALTHY_WITHIN = timedelta(seconds=12)


@dataclass(frozen=True)
class _Found:
    """What a listener holds of one service: its two rules, and what they stand for."""

    rule: Json | None
    header_rule: Json | None
    told: Told

    @property
    def route(self) -> Route:
        return self.told.route


class AlbRouter:
    """One listener; each version of a service is a target group that the platform has made.

    `hosts` says under which name each service is asked for, `priorities` which rule is its own:
    the header's rule comes one before it. *groups* asks the platform which target group is whose;
    without it, one is named by the version's arm and tagged `lockgate:digest`. The route is kept
    in the tags of the rule. `settles` is how long a change takes until all nodes of the load
    balancer have it, which AWS does not tell.

    A listener has no compare-and-set: of two that change one rule in the same second the second
    wins, and the first reads it back as diverged.
    """

    can = CAN["alb"]

    def __init__(
        self,
        *,
        client: Callable[[], Elbv2],
        listener: str,
        hosts: Mapping[str, str],
        priorities: Mapping[str, int],
        settles: timedelta,
        groups: GroupsOf | None = None,
        healthy_within: timedelta = _HEALTHY_WITHIN,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._listener = AlbListener(
            client,
            listener,
            healthy_within=healthy_within,
            groups=groups,
            clock=clock,
            rest=rest,
        )
        self._hosts, self._priorities = dict(hosts), dict(priorities)
        self._settles = settles

    def read(self, service: str) -> Route:
        """See Router: from the rules, whose weights must be the ones that their tags tell."""
        return self._found(service).route

    def serve(self, service: str, route: Route, *, instead_of: Route) -> None:
        """See Router: attach, wait for healthy targets, then weights; the header rule comes last.

        A load balancer looks after the health of targets only once a rule names them, so a new
        version is attached without a share first. Every step may be the last one of a killed
        worker: what it leaves is a route of the same versions, from which the next call goes on.
        """
        found = self._found(service)
        expect_able("An Application Load Balancer", self.can, route)
        header = conditions(self._hosts[service], route.header)
        if found.route != instead_of:
            raise Diverged(
                f"{service}: somebody changed the route: expected {instead_of}, found "
                f"{found.route}"
            )
        attached = _attached(route, instead_of)
        versions = route.digests if attached is None else route.digests | attached.digests
        groups = self._groups(service, versions, found)
        if attached is not None:
            self._weigh(service, attached, groups, found)
            found = self._found(service)
        gaining = _gaining(route, instead_of)
        self._listener.until_healthy(service, {digest: groups[digest] for digest in gaining})
        if found.header_rule is not None and not _keeps_header(found.route, route):
            self._listener.delete(found.header_rule)
            found = _Found(found.rule, None, found.told)
        self._weigh(service, route, groups, found)
        if route.header is not None and route.canary is not None and found.header_rule is None:
            tags = route_tags(told_of(route, groups), before=NOTHING)
            forward = actions({groups[route.canary]: 100})
            self._listener.create(self._priorities[service] - 1, header, forward, tags)

    def settles_after(self, service: str) -> timedelta:
        """See Router: some seconds, or as long as sessions are kept where a share was changed.

        Raises:
            Unavailable: a version with traffic has no healthy target.
        """
        found = self._found(service)
        if found.rule is None:
            return timedelta(0)
        busy = {digest for digest, weight in shares_of(found.route).items() if weight}
        self._listener.until_healthy(service, self._groups(service, busy, found))
        affinity = None if found.route.whole else found.route.affinity
        lasts = affinity.lasts if affinity is not None else None
        return max(self._settles, lasts or timedelta(0))

    def _found(self, service: str) -> _Found:
        rule, header_rule = self._rules(service)
        if rule is None and header_rule is None:
            return _Found(None, None, NOTHING)
        foreign = header_rule is not None and not self._listener.tags(header_rule["RuleArn"])
        if rule is None or foreign:
            raise Diverged(
                f"{named(header_rule or {})} has the priority that {service} needs for its "
                "header, and was not written by a release; give the service another priority"
            )
        told = self._told(service, rule)
        kept = {
            "header": self._header(service, header_rule, told),
            "affinity": affinity_of(rule),
        }
        route = told.route.model_copy(update=kept)
        return _Found(rule, header_rule, Told(route, told.groups))

    def _told(self, service: str, rule: Json) -> Told:
        """Which of the two routes in its tags *rule* serves."""
        last, before = read_tags(self._listener.tags(rule["RuleArn"]), rule=rule)
        narrowed = header_of(rule, host=self._hosts[service])
        served = forwards(rule)
        for each in (last, before):
            if served == each.shares and narrowed is None:
                return each
        raise Diverged(
            f"{named(rule)} of {service} does not serve what a release has set: expected "
            f"{last.shares or 'no version'} ({last.route}), found {served or 'no version'}"
            f"{f' for {narrowed}' if narrowed else ''}; put the rule back as it was, or remove it"
        )

    def _header(self, service: str, rule: Json | None, told: Told) -> HeaderRoute | None:
        if rule is None:
            return None
        header = header_of(rule, host=self._hosts[service])
        canary, served = told.route.canary, forwards(rule)
        expected = {told.groups[canary]: 100} if canary else {}
        if header is None or served != expected:
            raise Diverged(
                f"{named(rule)} of {service} was not written by a release: expected a header for "
                f"{expected or 'no version'}, found {header} for {served}; remove the rule"
            )
        return header

    def _rules(self, service: str) -> tuple[Json | None, Json | None]:
        if service not in self._priorities or service not in self._hosts:
            known = ", ".join(sorted(self._priorities.keys() & self._hosts.keys())) or "none"
            raise TargetMissing(
                f"listener {self._listener.arn} has no rule for {service!r}: it knows {known}"
            )
        priority, rules = self._priorities[service], self._listener.rules()
        return rules.get(str(priority)), rules.get(str(priority - 1))

    def _groups(self, service: str, digests: Collection[str], found: _Found) -> dict[str, str]:
        """The ARN of each version's target group; what is served already is in the rule itself.

        So going back needs no answer of the platform about the version that is withdrawn.
        """
        arns = {group_id(arn): arn for arn in arns_of(found.rule)}
        known = {d: arns[group] for d, group in found.told.groups.items() if group in arns}
        return {
            digest: known.get(digest) or self._listener.group(service, digest)
            for digest in sorted(digests)
        }

    def _weigh(self, service: str, route: Route, groups: Mapping[str, str], found: _Found) -> None:
        shares = {groups[digest]: weight for digest, weight in shares_of(route).items()}
        tags = route_tags(told_of(route, groups), before=found.told)
        forward = actions(shares, route.affinity)
        if found.rule is not None:
            self._listener.weigh(found.rule, forward, tags)
            return
        asked = conditions(self._hosts[service])
        self._listener.create(self._priorities[service], asked, forward, tags)


def _attached(route: Route, instead_of: Route) -> Route | None:
    """What is served now with the version that *route* brings beside it, without a share."""
    new = route.digests - instead_of.digests
    if len(new) != 1 or instead_of.stable is None or not instead_of.whole:
        return None
    (digest,) = new
    return Route(stable=instead_of.stable, canary=digest, release=route.release)


def _gaining(route: Route, instead_of: Route) -> set[str]:
    """The versions to which *route* sends requests and *instead_of* did not.

    A version that serves already is not asked about: going back to it must not wait.
    """
    if instead_of.stable is None:
        return set()  # nothing can be healthy before a rule names it
    had = {digest for digest, weight in shares_of(instead_of).items() if weight}
    gains = {digest for digest, weight in shares_of(route).items() if weight}
    if route.header is not None and route.canary is not None:
        gains.add(route.canary)
    return gains - had


def _keeps_header(found: Route, route: Route) -> bool:
    return (found.header, found.canary) == (route.header, route.canary)
