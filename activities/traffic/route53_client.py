"""The calls of boto3's Route 53 client that are made here, and no more."""

from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so


class Route53(Protocol):
    def list_resource_record_sets(
        self,
        *,
        HostedZoneId: str,
        StartRecordName: str,
        StartRecordType: str = ...,
        StartRecordIdentifier: str = ...,
    ) -> Any: ...

    def change_resource_record_sets(
        self, *, HostedZoneId: str, ChangeBatch: dict[str, Any]
    ) -> Any: ...

    def get_change(self, *, Id: str) -> Any: ...
