"""AWS AppConfig in memory, with the rules that emulators leave out.

Versions are locked by their last number, an environment has one deployment at a time, and a
deployment can be rolled back by AppConfig itself.
"""

import io
import threading
from typing import Any

from botocore.exceptions import ClientError

# ruff: noqa: N803 - boto3 names its parameters so


class FakeAppConfig:
    """Both clients, `appconfig` and `appconfigdata`, of one profile in one environment.

    A deployment goes through `states`, one for each look at it, and serves its version once the
    last of them is COMPLETE. `before_deploying` is called with each start of one.
    """

    def __init__(self, content: bytes) -> None:
        self.versions: dict[int, bytes] = {}
        self.deployments: dict[int, dict[str, Any]] = {}
        self.served = b""
        self.states = ["COMPLETE"]
        self.minutes = 0
        self.page = 2
        self.before_deploying = lambda: None
        self._turn = threading.RLock()
        self.create_hosted_configuration_version(Content=content, LatestVersionNumber=0)
        self.deploy(1)

    def deploy(self, version: int) -> None:
        """Somebody deploys *version*, and it is served at once."""
        number = len(self.deployments) + 1
        self.deployments[number] = {"ConfigurationVersion": str(version), "left": []}
        self.deployments[number]["State"] = "COMPLETE"
        self.served = self.versions[version]

    def get_deployment_strategy(self, **_) -> dict[str, Any]:
        return {"DeploymentDurationInMinutes": 0, "FinalBakeTimeInMinutes": self.minutes}

    def list_deployments(self, *, NextToken: str = "0", **_) -> dict[str, Any]:
        items = [
            {"DeploymentNumber": number, "State": made["State"]}
            for number, made in self.deployments.items()
        ]
        return self._page(items, int(NextToken))

    def list_hosted_configuration_versions(self, *, NextToken: str = "0", **_) -> dict[str, Any]:
        items = [{"VersionNumber": number} for number in self.versions]
        return self._page(items, int(NextToken))

    def get_hosted_configuration_version(self, *, VersionNumber: int, **_) -> dict[str, Any]:
        return {"Content": io.BytesIO(self.versions[VersionNumber])}

    def create_hosted_configuration_version(
        self, *, Content: bytes, LatestVersionNumber: int, **_
    ) -> dict[str, Any]:
        with self._turn:
            if LatestVersionNumber != len(self.versions):
                raise conflict("the latest version is another one")
            self.versions[len(self.versions) + 1] = Content
            return {"VersionNumber": len(self.versions)}

    def start_deployment(self, *, ConfigurationVersion: str, **_) -> dict[str, Any]:
        self.before_deploying()
        with self._turn:
            if any(made["left"] for made in self.deployments.values()):
                raise conflict("another deployment is in progress")
            number = len(self.deployments) + 1
            self.deployments[number] = {
                "ConfigurationVersion": ConfigurationVersion,
                "State": "DEPLOYING",
                "left": list(self.states),
            }
            return {"DeploymentNumber": number}

    def get_deployment(self, *, DeploymentNumber: int, **_) -> dict[str, Any]:
        with self._turn:
            made = self.deployments[DeploymentNumber]
            if made["left"]:
                made["State"] = made["left"].pop(0)
                if made["State"] == "COMPLETE":
                    self.served = self.versions[int(made["ConfigurationVersion"])]
            version = made["ConfigurationVersion"]
            return {
                "State": made["State"],
                "ConfigurationVersion": version,
                "ConfigurationProfileId": made.get("profile", "profile"),
            }

    def start_configuration_session(self, **_) -> dict[str, Any]:
        return {"InitialConfigurationToken": "first"}

    def get_latest_configuration(self, *, ConfigurationToken: str) -> dict[str, Any]:
        assert ConfigurationToken == "first"
        return {"Configuration": io.BytesIO(self.served)}

    def _page(self, items: list[dict[str, Any]], start: int) -> dict[str, Any]:
        end = start + self.page
        more = {"NextToken": str(end)} if end < len(items) else {}
        return {"Items": items[start:end], **more}


def conflict(message: str) -> ClientError:
    error = {"Code": "ConflictException", "Message": message}
    answer: Any = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 409}}
    return ClientError(answer, "AnyOperation")
