"""How the versions of one service are run on ECS: a file of AWS's own words, filled in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Artifact, SpecPart, digest_of

_OURS_OF_DEFINITION = {"family", "tags"}
_OURS_OF_SERVICE = {
    "clientToken",
    "cluster",
    "deploymentController",
    "loadBalancers",
    "schedulingStrategy",
    "serviceName",
    "tags",
    "taskDefinition",
}
# A failed rollout is told, and undone here: ECS would put back what it knows of, which is nothing
# for a new service, and would do it behind the release's back.
_CIRCUIT_BREAKER = {"enable": True, "rollback": False}


def _without(ours: set[str]) -> AfterValidator:
    def check(said: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(ours & said.keys()):
            raise ValueError(f"Lockgate sets {', '.join(taken)} itself; leave it out")
        return said

    return AfterValidator(check)


class EcsTemplate(SpecPart):
    """The file `<service>.json` of a platform, for one version.

    Every string in it may hold `{name}`, the ECS service's name, `{version}` and `{digest}`.
    """

    container: str
    """The container that runs the version; its image is set by digest, sidecars keep theirs."""
    endpoint: str = Field(pattern=r"^[A-Za-z0-9._-]+:\d+$")
    """`host:port` at which this version alone is reached."""
    target_groups: tuple[str, ...] = ()
    """ARNs, one for each version that may run at a time; a version takes a free one."""
    task_definition: Annotated[dict[str, Any], _without(_OURS_OF_DEFINITION)]
    """What RegisterTaskDefinition is asked for."""
    service: Annotated[dict[str, Any], _without(_OURS_OF_SERVICE)] = {}
    """What CreateService is asked for."""

    @classmethod
    def read(cls, folder: Path, artifact: Artifact, *, name: str) -> "EcsTemplate":
        """The template for *artifact*, which will run as ECS service *name*.

        Raises:
            TargetMissing: there is no such file.
            Refused: it is no template, or its container, its ports or its number of tasks are not.
        """
        path = folder / f"{artifact.service}.json"
        filled = {"name": name, "version": artifact.version, "digest": artifact.digest}
        try:
            text = path.read_text(encoding="utf-8")
            for word, value in filled.items():
                text = text.replace(f"{{{word}}}", json.dumps(value)[1:-1])
            template = cls.model_validate_json(text)
        except FileNotFoundError as error:
            raise TargetMissing(
                f"{path}: there is none, so how {artifact.service} runs on ECS is not known"
            ) from error
        except ValidationError as error:
            raise Refused(f"{path}: {_problems(error)}") from error
        if problem := template.problem:
            raise Refused(f"{path}: {problem}")
        return template

    @property
    def desired(self) -> int:
        count: int = self.service.get("desiredCount", 1)
        return count

    def registration(self, artifact: Artifact, *, family: str, image: str) -> dict[str, Any]:
        """What RegisterTaskDefinition is given, but for the tags."""
        containers = [
            _released(container, artifact, image=image)
            if self._is_released(container)
            else container
            for container in self.task_definition["containerDefinitions"]
        ]
        return {**self.task_definition, "family": family, "containerDefinitions": containers}

    def creation(self, *, revision: str, name: str, target_group: str | None) -> dict[str, Any]:
        """What CreateService is given, but for the cluster and the tags.

        A second call that a lost answer made necessary changes nothing: its token is the same
        until the version is removed, and with it the revision.
        """
        limits = self.service.get("deploymentConfiguration", {})
        asked = {
            **self.service,
            "serviceName": name,
            "taskDefinition": revision,
            "desiredCount": self.desired,
            "clientToken": digest_of(f"{name} {revision}").removeprefix("sha256:")[:36],
            "deploymentConfiguration": {**limits, "deploymentCircuitBreaker": _CIRCUIT_BREAKER},
        }
        if target_group is not None:
            asked["loadBalancers"] = [
                {
                    "targetGroupArn": target_group,
                    "containerName": self.container,
                    "containerPort": self._port(),
                }
            ]
        return asked

    @property
    def problem(self) -> str | None:
        """Why no version can be run by it, if none can."""
        containers = self.task_definition.get("containerDefinitions")
        named = [c.get("name") for c in containers or () if isinstance(c, dict)]
        if not isinstance(containers, list) or named.count(self.container) != 1:
            return f"taskDefinition has no one container named {self.container}; found {named}"
        (released,) = (c for c in containers if self._is_released(c))
        if "image" in released:
            return f"the image of {self.container} is set by each release; leave it out"
        if self.target_groups and self._port() is None:
            return (
                f"{self.container} needs a portMapping, to which the target groups send requests"
            )
        if not isinstance(self.desired, int) or self.desired < 1:
            return f"service.desiredCount is {self.desired!r}; a version that runs has at least 1"
        return None

    def _port(self) -> int | None:
        (released,) = filter(self._is_released, self.task_definition["containerDefinitions"])
        mapping: dict[str, Any] = next(iter(released.get("portMappings", ())), {})
        port: int | None = mapping.get("containerPort")
        return port

    def _is_released(self, container: Mapping[str, Any]) -> bool:
        return container.get("name") == self.container


def _released(container: Mapping[str, Any], artifact: Artifact, *, image: str) -> dict[str, Any]:
    told = {"LOCKGATE_VERSION": artifact.version, "LOCKGATE_DIGEST": artifact.digest}
    environment = [
        *(each for each in container.get("environment", ()) if each.get("name") not in told),
        *({"name": name, "value": value} for name, value in told.items()),
    ]
    return {**container, "image": image, "environment": environment}


def _problems(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
        for problem in error.errors(include_input=False)
    )
