"""The calls of boto3's client of Elastic Load Balancing v2 that are made here, and no more."""

from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so


class Elbv2(Protocol):
    def describe_rules(self, *, ListenerArn: str, Marker: str = ...) -> Any: ...

    def describe_tags(self, *, ResourceArns: list[str]) -> Any: ...

    def describe_target_groups(
        self, *, Names: list[str] = ..., TargetGroupArns: list[str] = ...
    ) -> Any: ...

    def describe_target_health(self, *, TargetGroupArn: str) -> Any: ...

    def add_tags(self, *, ResourceArns: list[str], Tags: list[dict[str, str]]) -> Any: ...

    def create_rule(
        self,
        *,
        ListenerArn: str,
        Priority: int,
        Conditions: list[dict[str, Any]],
        Actions: list[dict[str, Any]],
        Tags: list[dict[str, str]],
    ) -> Any: ...

    def modify_rule(self, *, RuleArn: str, Actions: list[dict[str, Any]]) -> Any: ...

    def delete_rule(self, *, RuleArn: str) -> Any: ...
