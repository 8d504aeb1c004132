"""A route as rules of a load balancer, and back: pure, so that what is served can be compared."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from workflows.domain.errors import Diverged, Refused
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Route
from workflows.domain.values import arm_name, digest_of

Json = dict[str, Any]

DIGEST_TAG = "lockgate:digest"
_ROUTE, _RELEASE, _GROUPS = "lockgate:route", "lockgate:release", "lockgate:groups"
_BEFORE = "-before"
_GROUP_NAME = re.compile(r"(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")
_NO_VERSION = {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "no version"}


class Told(NamedTuple):
    """A route as the tags of a rule tell it, with the target group of each version by digest."""

    route: Route
    groups: Mapping[str, str]

    @property
    def shares(self) -> dict[str, int]:
        """The weight of each target group."""
        return {self.groups[digest]: w for digest, w in shares_of(self.route).items()}


NOTHING = Told(Route(), {})


def group_name(service: str, digest: str) -> str:
    """The target group of one version: its arm, or a digest of it where AWS takes no such name."""
    arm = arm_name(service, digest)
    if _GROUP_NAME.fullmatch(arm):
        return arm
    return f"lockgate-{digest_of(arm).removeprefix('sha256:')[:20]}"


def conditions(host: str, header: HeaderRoute | None = None) -> list[Json]:
    """Requests for *host*, and of these the ones with *header* if it is given.

    Raises:
        Refused: the value holds `*` or `?`, for which a load balancer takes anything.
    """
    found: list[Json] = [{"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}]
    if header is not None:
        if set(header.value) & {"*", "?"}:
            raise Refused(
                f"header {header}: a load balancer takes `*` and `?` for any letters, so more "
                "requests than the ones with this value would go to the canary; choose another"
            )
        config = {"HttpHeaderName": header.header, "Values": [header.value]}
        found.append({"Field": "http-header", "HttpHeaderConfig": config})
    return found


def actions(shares: Mapping[str, int], affinity: Affinity | None = None) -> list[Json]:
    """Forward to each target group, by ARN, its share; without any nothing is served."""
    if not shares:
        return [{"Type": "fixed-response", "FixedResponseConfig": _NO_VERSION}]
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares.items()]
    sticky: Json = {"Enabled": False}
    if affinity is not None and affinity.lasts is not None:
        sticky = {"Enabled": True, "DurationSeconds": int(affinity.lasts.total_seconds())}
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}
    return [{"Type": "forward", "ForwardConfig": forward}]


def shares_of(route: Route) -> dict[str, int]:
    """The weight of each version, by digest."""
    if route.stable is None:
        return {}
    if route.canary is None:
        return {route.stable: 100}
    return {route.canary: route.percent, route.stable: 100 - route.percent}


def forwards(rule: Json) -> dict[str, int]:
    """The weight of each target group that *rule* forwards to; one alone has all of it.

    Raises:
        Diverged: it does something else than forward, or than say that there is no version.
    """
    match rule["Actions"]:
        case [{"Type": "forward", "ForwardConfig": config}]:
            groups = config["TargetGroups"]
            found = {group_id(each["TargetGroupArn"]): each.get("Weight", 1) for each in groups}
            return dict.fromkeys(found, 100) if len(found) == 1 else found
        case [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]:
            return {}
        case other:
            raise Diverged(
                f"{named(rule)} was not written by a release: found actions {json.dumps(other)}; "
                "remove it, and try again"
            )


def arns_of(rule: Json | None) -> list[str]:
    """The target groups that *rule* forwards to."""
    found = [] if rule is None else rule["Actions"]
    configs = [action.get("ForwardConfig", {}) for action in found]
    return [each["TargetGroupArn"] for c in configs for each in c.get("TargetGroups", ())]


def affinity_of(rule: Json) -> Affinity | None:
    """How long sessions are kept by *rule*."""
    (action,) = rule["Actions"]
    sticky = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
    if not sticky.get("Enabled"):
        return None
    return Affinity(by="router", lasts=timedelta(seconds=sticky["DurationSeconds"]))


def header_of(rule: Json, *, host: str) -> HeaderRoute | None:
    """The header that *rule* asks for beside *host*.

    Raises:
        Diverged: its conditions are not the ones that a release writes.
    """
    header = None
    for condition in rule["Conditions"]:
        if condition["Field"] == "http-header":
            config = condition["HttpHeaderConfig"]
            header = HeaderRoute(header=config["HttpHeaderName"], value=config["Values"][0])
    found, expected = _plain(rule["Conditions"]), _plain(conditions(host, header))
    if found != expected:
        raise Diverged(
            f"{named(rule)} was not written by a release: expected conditions {expected}, found "
            f"{found}; correct the rule, or give the service another priority"
        )
    return header


def told_of(route: Route, groups: Mapping[str, str]) -> Told:
    """*route*, with the target groups of its versions, which *groups* gives by digest."""
    return Told(route, {digest: group_id(groups[digest]) for digest in sorted(route.digests)})


def group_id(arn: str) -> str:
    """What tells a target group from all others, short enough for a tag: its name and number."""
    return arn.rpartition("targetgroup/")[2]


def route_tags(now: Told, *, before: Told) -> list[dict[str, str]]:
    """What is written on the rule before its weights are changed.

    Tags and weights cannot be changed in one call: with both routes told, whoever reads between
    the two knows which one it is that is served.
    """
    facts = {
        _ROUTE: _spelt(now.route),
        _GROUPS: _spelt_groups(now),
        _RELEASE: now.route.release or "",
        _ROUTE + _BEFORE: _spelt(before.route),
        _GROUPS + _BEFORE: _spelt_groups(before),
        _RELEASE + _BEFORE: before.route.release or "",
    }
    return [{"Key": key, "Value": value} for key, value in facts.items()]


def read_tags(tags: Mapping[str, str], *, rule: Json) -> tuple[Told, Told]:
    """The route that was to be served last, and the one before it.

    Raises:
        Diverged: they are not what `route_tags` wrote.
    """
    try:
        return _told(tags, ""), _told(tags, _BEFORE)
    except (KeyError, ValueError, ValidationError) as error:
        raise Diverged(
            f"{named(rule)} was not written by a release: it needs the tags of one, such as "
            f"{_ROUTE}, found {sorted(tags)}; give the service another priority, or remove the "
            "rule"
        ) from error


def named(rule: Json) -> str:
    return f"rule {rule['RuleArn']} with priority {rule['Priority']}"


def _plain(found: Iterable[Json]) -> list[tuple[str, str, tuple[str, ...]]]:
    """AWS repeats the hosts in an older spelling; header names and hosts have no case."""
    plain = []
    for each in found:
        config = each.get("HostHeaderConfig") or each.get("HttpHeaderConfig") or each
        name = str(config.get("HttpHeaderName", "")).lower()
        values = config.get("Values", ())
        if not name:
            values = [value.lower() for value in values]
        plain.append((each["Field"], name, tuple(sorted(values))))
    return sorted(plain)


def _spelt(route: Route) -> str:
    """Within the letters and the length that AWS takes for the value of a tag."""
    return _pairs(stable=route.stable, canary=route.canary, percent=route.percent)


def _spelt_groups(told: Told) -> str:
    route = told.route
    named = {"stable": route.stable, "canary": route.canary}
    return _pairs(**{role: told.groups[digest] for role, digest in named.items() if digest})


def _pairs(**facts: object) -> str:
    return " ".join(f"{key}={value}" for key, value in facts.items() if value is not None)


def _told(tags: Mapping[str, str], suffix: str) -> Told:
    route = Route.model_validate(
        {**_facts(tags[_ROUTE + suffix]), "release": tags[_RELEASE + suffix] or None}
    )
    groups = _facts(tags[_GROUPS + suffix])
    named = {"stable": route.stable, "canary": route.canary}
    return Told(route, {digest: groups[role] for role, digest in named.items() if digest})


def _facts(spelt: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in spelt.split(" ") if part)
