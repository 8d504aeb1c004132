"""What was started of a version, and whether it answers as the version that it should be."""

import json
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from workflows.domain.values import Digest, arm_name
from workflows.ports.deploy import Instance


class Record(BaseModel):
    """One version as this platform started it."""

    model_config = ConfigDict(frozen=True)

    service: str
    version: str
    digest: Digest
    port: int
    health_path: str

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """The record at *path*; none if there is no file, or not a record in it."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    @property
    def arm(self) -> str:
        return arm_name(self.service, self.digest)

    @property
    def instance(self) -> Instance:
        return Instance(
            version=self.version, digest=self.digest, endpoint=f"127.0.0.1:{self.port}"
        )

    def published(self) -> str:
        """The instance file: what routers of the same connection discover."""
        instance = self.instance
        return Published(service=self.service, **instance.model_dump()).model_dump_json(indent=1)

    def scraped_as(self, environment: str) -> str:
        """The instance as Prometheus discovers what to scrape, told apart by its labels."""
        labels = {"environment": environment, "service": self.service, "arm": self.arm}
        labels["version"] = self.version
        return json.dumps([{"targets": [self.instance.endpoint], "labels": labels}], indent=1)


class Published(Instance):
    service: str


def health_problem(record: Record, client: httpx.Client) -> str | None:
    """Why the version is not healthy, if it is not.

    Its answer names its version, since another process could hold the port; a digest in the
    answer must be the artifact's.
    """
    url = f"http://{record.instance.endpoint}{record.health_path}"
    try:
        response = client.get(url)
    except httpx.TransportError as error:
        return f"{url} does not answer: {error}"
    if response.status_code != httpx.codes.OK:
        return f"{url} answers {response.status_code}, expected 200"
    try:
        said: Any = response.json()
    except ValueError:
        return f"{url} does not answer in JSON"
    expected = {"version": record.version, "digest": record.digest}
    found = said if isinstance(said, dict) else {}
    told = {"version": found.get("version"), "digest": found.get("digest", record.digest)}
    return None if told == expected else f"{url} answers as {told}, expected {expected}"
