"""The calls of boto3's clients that CloudWatch metrics need, and no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so


class CloudWatch(Protocol):
    def get_metric_data(
        self,
        *,
        MetricDataQueries: Sequence[Mapping[str, Any]],
        StartTime: datetime,
        EndTime: datetime,
        ScanBy: str,
        NextToken: str = ...,
    ) -> Any: ...

    def list_metrics(
        self, *, Namespace: str, MetricName: str, Dimensions: Sequence[Mapping[str, str]]
    ) -> Any: ...


class TargetGroups(Protocol):
    def describe_target_groups(self, *, Names: Sequence[str]) -> Any: ...
