"""The calls of boto3's CloudFormation client that are made here, and no more."""

from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so

NO_STACK = "ValidationError"
"""How it answers where there is no such stack; it has no other word, and boto3's own waiters go by
this one, too."""


class CloudFormationCalls(Protocol):
    meta: Any

    def validate_template(self, *, TemplateBody: str) -> Any: ...

    def get_template_summary(self, *, TemplateBody: str) -> Any: ...

    def create_change_set(self, **proposal: Any) -> Any: ...

    def describe_change_set(
        self, *, StackName: str, ChangeSetName: str, NextToken: str = ...
    ) -> Any: ...

    def list_change_sets(self, *, StackName: str, NextToken: str = ...) -> Any: ...

    def execute_change_set(
        self, *, StackName: str, ChangeSetName: str, RetainExceptOnCreate: bool = ...
    ) -> Any: ...

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> Any: ...

    def describe_stacks(self, *, StackName: str) -> Any: ...

    def list_stack_resources(self, *, StackName: str, NextToken: str = ...) -> Any: ...

    def describe_stack_events(self, *, StackName: str, NextToken: str = ...) -> Any: ...

    def describe_events(
        self,
        *,
        StackName: str,
        Filters: dict[str, bool],
        ChangeSetName: str = ...,
        NextToken: str = ...,
    ) -> Any: ...

    def get_template(self, *, StackName: str, TemplateStage: str) -> Any: ...

    def update_termination_protection(
        self, *, StackName: str, EnableTerminationProtection: bool
    ) -> Any: ...

    def delete_stack(self, *, StackName: str, ClientRequestToken: str, RoleARN: str = ...) -> Any:
        """Asked of one that is gone, it says nothing."""

    def detect_stack_drift(self, *, StackName: str) -> Any: ...

    def describe_stack_drift_detection_status(self, *, StackDriftDetectionId: str) -> Any: ...

    def describe_stack_resource_drifts(self, *, StackName: str, NextToken: str = ...) -> Any: ...
