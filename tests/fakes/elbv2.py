"""A load balancer in memory, which can do what no emulator does: targets that are not healthy."""

import itertools
from typing import Any

from botocore.exceptions import ClientError

# ruff: noqa: N803 - boto3 names its parameters so

Json = dict[str, Any]
LISTENER = "arn:listener/one"


class FakeElbv2:
    """One listener with rules by ARN, and target groups by ARN.

    As in AWS, targets of a group that no rule names are `unused`: only once one does, they are
    looked after, and healthy after *looks* looks, or never where it is None. It `loses` changes
    of weights that it said it took, and `weighs` every canary otherwise, where that is set.
    """

    def __init__(self, *, looks: int | None = 0, page: int = 100) -> None:
        self.rules: dict[str, Json] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.names: dict[str, str] = {}
        self.looks: dict[str, int | None] = {}
        self.first_looks = looks
        self.page = page
        self.loses = False
        self.weighs: int | None = None
        self._ids = itertools.count(1)

    def make_group(self, name: str, tags: dict[str, str]) -> str:
        arn = f"arn:targetgroup/{name}"
        self.names[arn], self.tags[arn], self.looks[arn] = name, tags, self.first_looks
        return arn

    def describe_rules(self, *, ListenerArn: str, Marker: str = "0") -> Any:
        assert ListenerArn == LISTENER
        start = int(Marker)
        held = list(self.rules.values())
        answer: Json = {"Rules": held[start : start + self.page]}
        if len(held) > start + self.page:
            answer["NextMarker"] = str(start + self.page)
        return answer

    def describe_tags(self, *, ResourceArns: list[str]) -> Any:
        described = [
            {
                "ResourceArn": arn,
                "Tags": [{"Key": k, "Value": v} for k, v in self.tags.get(arn, {}).items()],
            }
            for arn in ResourceArns
        ]
        return {"TagDescriptions": described}

    def describe_target_groups(
        self, *, Names: list[str] | None = None, TargetGroupArns: list[str] | None = None
    ) -> Any:
        wanted = [
            arn
            for arn, name in self.names.items()
            if name in (Names or ()) or arn in (TargetGroupArns or ())
        ]
        if len(wanted) < len(Names or TargetGroupArns or ()):
            raise _error("TargetGroupNotFound", "One or more target groups not found")
        groups = [{"TargetGroupArn": arn, "TargetGroupName": self.names[arn]} for arn in wanted]
        return {"TargetGroups": groups}

    def describe_target_health(self, *, TargetGroupArn: str) -> Any:
        state = "unused"
        if any(TargetGroupArn in _groups_of(rule) for rule in self.rules.values()):
            left = self.looks[TargetGroupArn]
            state = "healthy" if left == 0 else "initial"
            if left:
                self.looks[TargetGroupArn] = left - 1
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}}]}

    def add_tags(self, *, ResourceArns: list[str], Tags: list[dict[str, str]]) -> Any:
        for arn in ResourceArns:
            _expect_tags(Tags)
            self.tags[arn] = {**self.tags[arn], **{tag["Key"]: tag["Value"] for tag in Tags}}

    def create_rule(
        self,
        *,
        ListenerArn: str,
        Priority: int,
        Conditions: list[Json],
        Actions: list[Json],
        Tags: list[dict[str, str]],
    ) -> Any:
        assert ListenerArn == LISTENER
        if any(rule["Priority"] == str(Priority) for rule in self.rules.values()):
            raise _error("PriorityInUse", f"Priority '{Priority}' is currently in use")
        arn = f"arn:rule/{next(self._ids)}"
        self.tags[arn] = {}
        self.add_tags(ResourceArns=[arn], Tags=Tags)
        self.rules[arn] = {
            "RuleArn": arn,
            "Priority": str(Priority),
            "Conditions": [_described(condition) for condition in Conditions],
            "Actions": self._weighed(Actions),
        }
        return {"Rules": [self.rules[arn]]}

    def modify_rule(self, *, RuleArn: str, Actions: list[Json]) -> Any:
        if RuleArn not in self.rules:
            raise _error("RuleNotFound", f"no rule {RuleArn}")
        if not self.loses:
            self.rules[RuleArn] = {**self.rules[RuleArn], "Actions": self._weighed(Actions)}
        return {"Rules": [self.rules[RuleArn]]}

    def delete_rule(self, *, RuleArn: str) -> Any:
        if self.rules.pop(RuleArn, None) is None:
            raise _error("RuleNotFound", f"no rule {RuleArn}")

    def _weighed(self, actions: list[Json]) -> list[Json]:
        (action,) = actions
        if action["Type"] != "forward":
            return actions
        groups = [dict(group) for group in action["ForwardConfig"]["TargetGroups"]]
        if len(groups) == 1:
            groups[0]["Weight"] = 1  # AWS keeps no weight of a group that is alone
        elif self.weighs is not None:
            groups[0]["Weight"] = self.weighs
        return [{**action, "ForwardConfig": {**action["ForwardConfig"], "TargetGroups": groups}}]


def _groups_of(rule: Json) -> set[str]:
    (action,) = rule["Actions"]
    groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
    return {group["TargetGroupArn"] for group in groups}


def _described(condition: Json) -> Json:
    """AWS repeats hosts in an older spelling."""
    if condition["Field"] == "host-header":
        return {**condition, "Values": condition["HostHeaderConfig"]["Values"]}
    return condition


def _expect_tags(tags: list[dict[str, str]]) -> None:
    """What AWS takes for a tag's value: letters, digits, spaces and + - = . _ : / @."""
    for tag in tags:
        assert len(tag["Value"]) <= 256, tag
        assert all(each.isalnum() or each in " +-=._:/@" for each in tag["Value"]), tag


def _error(code: str, message: str) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}}
    return ClientError({**answer, "ResponseMetadata": {"HTTPStatusCode": 400}}, "elbv2")
