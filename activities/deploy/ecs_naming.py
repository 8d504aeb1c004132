"""What the versions of one platform are called on ECS, and the tags that tell them apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.domain.values import Artifact, Digest, arm_name

CONNECTION = "lockgate:connection"
SERVICE = "lockgate:service"
VERSION = "lockgate:version"
DIGEST = "lockgate:digest"
CONTAINER = "lockgate:container"
ENDPOINT = "lockgate:endpoint"
DEFINITION = "lockgate:definition"
RELEASE = "lockgate:release"


@dataclass(frozen=True, kw_only=True)
class EcsNaming:
    """*prefix* keeps platforms of one cluster apart; *images* is what goes before a repository."""

    connection: str
    prefix: str
    images: str

    def family(self, service: str) -> str:
        """The task definitions of a service: one revision for each version."""
        return f"{self.prefix}{_spelt(service)}"

    def name(self, service: str, digest: str) -> str:
        """The ECS service of one version."""
        return f"{self.prefix}{_spelt(arm_name(service, digest))}"

    def may_be_version(self, name: str, service: str) -> bool:
        return re.fullmatch(re.escape(self.family(service)) + "-[0-9a-f]{12}", name) is not None

    def image(self, artifact: Artifact) -> str:
        return f"{self.images}{artifact.service}@{artifact.digest}"

    def tags(self, artifact: Artifact) -> dict[str, str]:
        return {
            **self.owned(artifact.digest),
            SERVICE: artifact.service,
            VERSION: artifact.version,
        }

    def owned(self, digest: Digest) -> dict[str, str]:
        """The tags without which nothing is changed or believed."""
        return {CONNECTION: self.connection, DIGEST: digest}


def holds(tags: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    """Whether *tags* has all of *expected*; AWS and its owners add some of their own."""
    return expected.items() <= tags.items()


def _spelt(name: str) -> str:
    # ECS has no dots in names, and our names have no underscores: no two become one.
    return name.replace(".", "_")
