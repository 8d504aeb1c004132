"""ECS in memory, at boto3's client: unlike the emulators it fails rollouts, denies and lies."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

_ARN = "arn:aws:ecs:eu-west-1:123456789012"
_BREAKER_TRIPS_AT = 3
_PAGE = 2


class Killed(BaseException):
    """The worker dies here: nothing catches it, as nothing catches kill -9."""


@dataclass
class Rollout:
    """One deployment of a service; it moves on by one task each time that somebody looks."""

    definition: str
    desired: int
    failed: int = 0
    looks: int = 0
    state: str = "IN_PROGRESS"
    reason: str = ""


@dataclass
class Service:
    name: str
    desired: int
    token: str | None
    asked: dict[str, Any]
    rollout: Rollout
    status: str = "ACTIVE"
    running: int = 0
    events: list[str] = field(default_factory=list)


class FakeEcs:
    """One cluster. What goes wrong is said by digest, and by the name of a call in `denied`."""

    def __init__(self, cluster: str = "shop") -> None:
        self.cluster = cluster
        self.services: dict[str, Service] = {}
        self.definitions: dict[str, dict[str, Any]] = {}
        self.failing: set[str] = set()
        """Their tasks stop, one with each look, until the circuit breaker trips."""
        self.stuck: set[str] = set()
        """Their rollouts stay IN_PROGRESS."""
        self.sick: set[str] = set()
        """Their tasks run, and fail their health checks."""
        self.lies: dict[str, str | None] = {}
        """What their tasks run instead; none: it is not told."""
        self.denied: set[str] = set()
        self.throttled: set[str] = set()
        self.lingering = False
        """Tasks that are to stop do not."""
        self.unseen = 0
        """For so many looks a service that was just created is not told of."""
        self.calls: list[str] = []
        self._revisions: dict[str, Iterator[int]] = {}

    @property
    def left(self) -> list[str]:
        """What costs money or a place in a list: services that are not gone, active revisions."""
        services = [s.name for s in self.services.values() if s.status != "INACTIVE"]
        active = [a for a, d in self.definitions.items() if d["status"] == "ACTIVE"]
        return services + active

    def register_task_definition(self, **asked: Any) -> Any:
        self._asked("register_task_definition", asked)
        number = next(self._revisions.setdefault(asked["family"], count(1)))
        arn = f"{_ARN}:task-definition/{asked['family']}:{number}"
        tags = asked.pop("tags", [])
        self.definitions[arn] = {
            "taskDefinitionArn": arn,
            "revision": number,
            "status": "ACTIVE",
            "_tags": tags,
            **asked,
        }
        return {"taskDefinition": self.definitions[arn], "tags": tags}

    def describe_task_definition(self, **asked: Any) -> Any:
        self._asked("describe_task_definition", asked)
        found = self._definition("DescribeTaskDefinition", asked["taskDefinition"])
        tags = found["_tags"] if "TAGS" in asked.get("include", []) else []
        return {"taskDefinition": found, "tags": tags}

    def list_task_definitions(self, **asked: Any) -> Any:
        self._asked("list_task_definitions", asked)
        found = [
            arn
            for arn, definition in self.definitions.items()
            if definition["family"] == asked["familyPrefix"]
            and definition["status"] == asked["status"]
        ]
        if asked["sort"] == "DESC":
            found.reverse()
        return _page(found, "taskDefinitionArns", asked)

    def deregister_task_definition(self, **asked: Any) -> Any:
        self._asked("deregister_task_definition", asked)
        found = self._definition("DeregisterTaskDefinition", asked["taskDefinition"])
        found["status"] = "INACTIVE"
        return {"taskDefinition": found}

    def create_service(self, **asked: Any) -> Any:
        self._asked("create_service", asked)
        name, token = asked["serviceName"], asked.get("clientToken")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name):
            raise _error("CreateService", "InvalidParameterException", "Service name is invalid.")
        there = self.services.get(name)
        if there is not None and there.status == "DRAINING":
            raise _error(
                "CreateService",
                "InvalidParameterException",
                "Unable to Start a service that is still Draining.",
            )
        if there is not None and there.status == "ACTIVE":
            if token and token == there.token:
                return {"service": self._told(there)}
            raise _error(
                "CreateService",
                "InvalidParameterException",
                "Creation of service was not idempotent.",
            )
        self._refuse_inactive("CreateService", asked["taskDefinition"])
        rollout = Rollout(asked["taskDefinition"], asked["desiredCount"])
        self.services[name] = Service(name, asked["desiredCount"], token, asked, rollout)
        return {"service": self._told(self.services[name])}

    def update_service(self, **asked: Any) -> Any:
        self._asked("update_service", asked)
        service = self._service("UpdateService", asked["service"])
        if service.status != "ACTIVE":
            raise _error("UpdateService", "ServiceNotActiveException", "Service was not ACTIVE.")
        service.desired = service.rollout.desired = asked.get("desiredCount", service.desired)
        definition = asked.get("taskDefinition", service.rollout.definition)
        if definition != service.rollout.definition or asked.get("forceNewDeployment"):
            self._refuse_inactive("UpdateService", definition)
            service.rollout = Rollout(definition, service.desired)
        return {"service": self._told(service)}

    def delete_service(self, **asked: Any) -> Any:
        self._asked("delete_service", asked)
        service = self._service("DeleteService", asked["service"])
        if service.status == "ACTIVE" and not asked.get("force") and service.running:
            raise _error(
                "DeleteService",
                "InvalidParameterException",
                "The service cannot be stopped while the primary deployment is scaled above 0.",
            )
        if service.status == "ACTIVE":
            service.status, service.desired = "DRAINING", 0
        return {"service": self._told(service)}

    def describe_services(self, **asked: Any) -> Any:
        self._asked("describe_services", asked)
        if len(asked["services"]) > 10:
            raise _error(
                "DescribeServices", "InvalidParameterException", "Services may have at most 10."
            )
        if self.services and self.unseen:
            self.unseen -= 1
            return {"services": [], "failures": [{"reason": "MISSING"}]}
        found = [self.services[n] for n in asked["services"] if n in self.services]
        told = [self._told(service) for service in found]
        for service in found:
            self._move_on(service)
        return {"services": told, "failures": []}

    def list_services(self, **asked: Any) -> Any:
        self._asked("list_services", asked)
        arns = [
            f"{_ARN}:service/{self.cluster}/{service.name}"
            for service in self.services.values()
            if service.status != "INACTIVE"
        ]
        return _page(arns, "serviceArns", asked)

    def list_tasks(self, **asked: Any) -> Any:
        self._asked("list_tasks", asked)
        service = self._service("ListTasks", asked["serviceName"])
        stopped = asked["desiredStatus"] == "STOPPED"
        number = service.rollout.failed if stopped else service.running
        kind = "stopped" if stopped else "running"
        arns = [
            f"{_ARN}:task/{self.cluster}/{kind}:{service.name}:{n}" for n in range(1, number + 1)
        ]
        return _page(arns, "taskArns", asked)

    def describe_tasks(self, **asked: Any) -> Any:
        self._asked("describe_tasks", asked)
        return {"tasks": [self._task(arn) for arn in asked["tasks"]], "failures": []}

    def _task(self, arn: str) -> dict[str, Any]:
        kind, name, _ = arn.rpartition("/")[2].split(":")
        service = self.services[name]
        digest = self._digest(service)
        container = {"name": "app", "imageDigest": self.lies.get(digest, digest)}
        if container["imageDigest"] is None:
            del container["imageDigest"]
        task = {"taskArn": arn, "lastStatus": kind.upper()}
        if kind == "stopped":
            container |= {"exitCode": 1, "reason": "no database named nosuch"}
            task["stoppedReason"] = "Essential container in task exited"
        task["healthStatus"] = "UNHEALTHY" if digest in self.sick else "HEALTHY"
        sidecar = {"name": "proxy", "imageDigest": "sha256:" + "9" * 64}
        return {**task, "containers": [sidecar, container]}

    def _told(self, service: Service) -> dict[str, Any]:
        rollout = service.rollout
        deployment = {
            "status": "PRIMARY",
            "taskDefinition": rollout.definition,
            "rolloutState": rollout.state,
            "rolloutStateReason": rollout.reason,
            "failedTasks": rollout.failed,
        }
        return {
            "serviceName": service.name,
            "status": service.status,
            "taskDefinition": rollout.definition,
            "desiredCount": service.desired,
            "runningCount": service.running,
            "pendingCount": 0,
            "deployments": [{"status": "ACTIVE", "rolloutState": "COMPLETED"}, deployment],
            "events": [{"message": message} for message in reversed(service.events)],
            "tags": list(service.asked.get("tags", [])),
            "loadBalancers": service.asked.get("loadBalancers", []),
        }

    def _move_on(self, service: Service) -> None:
        rollout, digest = service.rollout, self._digest(service)
        if service.desired < service.running and not self.lingering:
            service.running -= 1
        elif service.status == "DRAINING" and not service.running:
            service.status = "INACTIVE"
        if service.status != "ACTIVE" or rollout.state == "FAILED" or not service.desired:
            return
        if digest in self.failing and rollout.state == "IN_PROGRESS":
            self._fail_one_more(service)
        elif digest not in self.failing and digest not in self.stuck:
            service.running = min(service.desired, service.running + 1)
            rollout.looks += 1
            if service.running == service.desired and rollout.looks > 1:
                rollout.state, rollout.reason = "COMPLETED", "ECS deployment completed."

    def _fail_one_more(self, service: Service) -> None:
        rollout = service.rollout
        rollout.failed += 1
        service.events.append(f"(service {service.name}) has started 1 tasks.")
        if rollout.failed == _BREAKER_TRIPS_AT:
            rollout.state = "FAILED"
            rollout.reason = "ECS deployment circuit breaker: tasks failed to start."
            service.events.append(f"(service {service.name}) deployment failed.")

    def _digest(self, service: Service) -> str:
        containers = self.definitions[service.rollout.definition]["containerDefinitions"]
        (image,) = (c["image"] for c in containers if c["name"] == "app")
        return str(image).partition("@")[2]

    def _definition(self, call: str, arn: str) -> dict[str, Any]:
        if arn not in self.definitions:
            raise _error(call, "ClientException", "Unable to describe task definition.")
        return self.definitions[arn]

    def _refuse_inactive(self, call: str, arn: str) -> None:
        if self._definition(call, arn)["status"] != "ACTIVE":
            raise _error(call, "ClientException", "TaskDefinition is inactive")

    def _service(self, call: str, name: str) -> Service:
        if name not in self.services:
            raise _error(call, "ServiceNotFoundException", "Service not found.")
        return self.services[name]

    def _asked(self, call: str, asked: dict[str, Any]) -> None:
        """Refuse what AWS would: words it does not know, another cluster, a lack of permission."""
        self.calls.append(call)
        operation = _operations()[call]
        shape = _model().operation_model(operation).input_shape
        problems = ParamValidator().validate(asked, shape)
        assert not problems.has_errors(), problems.generate_report()
        if call in self.denied:
            raise _error(operation, "AccessDeniedException", f"not authorized: ecs:{operation}")
        if call in self.throttled:
            raise _error(operation, "ThrottlingException", "Rate exceeded")
        if asked.get("cluster", self.cluster) != self.cluster:
            raise _error(operation, "ClusterNotFoundException", "Cluster not found.")


class Mortal:
    """A client of AWS whose worker is killed by its call of the number *dies_at*, from 0.

    With *heard* the call is made and its answer lost; without, it never leaves the worker.
    """

    def __init__(self, client: Any, *, dies_at: int, heard: bool) -> None:
        self._client = client
        self._dies_at, self._heard = dies_at, heard
        self.made = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            number, self.made = self.made, self.made + 1
            if number == self._dies_at and not self._heard:
                raise Killed(name)
            answer = getattr(self._client, name)(**asked)
            if number == self._dies_at:
                raise Killed(name)
            return answer

        return call


@cache
def _model() -> ServiceModel:
    loader = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model("ecs", "service-2"), "ecs")


@cache
def _operations() -> dict[str, str]:
    return {xform_name(name): name for name in _model().operation_names}


def _page(found: list[str], key: str, asked: dict[str, Any]) -> dict[str, Any]:
    start = int(asked.get("nextToken", 0))
    page = {key: found[start : start + _PAGE]}
    return page | ({"nextToken": str(start + _PAGE)} if start + _PAGE < len(found) else {})


def _error(call: str, code: str, message: str) -> ClientError:
    told: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(told | {"ResponseMetadata": {"HTTPStatusCode": 400}}, call)
