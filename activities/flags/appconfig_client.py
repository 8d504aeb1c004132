"""The calls of boto3's AppConfig clients that are made here, and no more."""

from typing import Any, Protocol

# ruff: noqa: N803 - boto3 names its parameters so


class Control(Protocol):
    """The client `appconfig`."""

    def get_deployment_strategy(self, *, DeploymentStrategyId: str) -> Any: ...

    def list_deployments(
        self, *, ApplicationId: str, EnvironmentId: str, MaxResults: int, NextToken: str = ""
    ) -> Any: ...

    def get_deployment(
        self, *, ApplicationId: str, EnvironmentId: str, DeploymentNumber: int
    ) -> Any: ...

    def start_deployment(
        self,
        *,
        ApplicationId: str,
        EnvironmentId: str,
        DeploymentStrategyId: str,
        ConfigurationProfileId: str,
        ConfigurationVersion: str,
        Description: str,
    ) -> Any: ...

    def list_hosted_configuration_versions(
        self,
        *,
        ApplicationId: str,
        ConfigurationProfileId: str,
        MaxResults: int,
        NextToken: str = "",
    ) -> Any: ...

    def get_hosted_configuration_version(
        self, *, ApplicationId: str, ConfigurationProfileId: str, VersionNumber: int
    ) -> Any: ...

    def create_hosted_configuration_version(
        self,
        *,
        ApplicationId: str,
        ConfigurationProfileId: str,
        Description: str,
        Content: bytes,
        ContentType: str,
        LatestVersionNumber: int,
    ) -> Any: ...


class Retrieval(Protocol):
    """The client `appconfigdata`."""

    def start_configuration_session(
        self,
        *,
        ApplicationIdentifier: str,
        EnvironmentIdentifier: str,
        ConfigurationProfileIdentifier: str,
    ) -> Any: ...

    def get_latest_configuration(self, *, ConfigurationToken: str) -> Any: ...
