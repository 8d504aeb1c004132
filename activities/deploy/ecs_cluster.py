"""What is asked of one ECS cluster, told in the release's words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.deploy.ecs_client import Ecs
from workflows.domain.values import Value

# As many as one call of each takes.
_SERVICES, _TASKS = 10, 100
_ALREADY_GONE = {"ServiceNotActiveException", "ServiceNotFoundException"}
_EVENTS = 5


class EcsService(Value):
    """A service as ECS tells it; the rollout is that of its newest deployment.

    `state` is IN_PROGRESS, COMPLETED, FAILED, or empty where ECS does not say.
    """

    name: str
    status: str
    revision: str
    desired: int
    running: int
    pending: int
    state: str
    reason: str
    failed_tasks: int
    events: tuple[str, ...]
    tags: Mapping[str, str]
    target_group: str | None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "EcsService":
        deployments = told.get("deployments", ())
        newest: Mapping[str, Any] = next(
            (d for d in deployments if d.get("status") == "PRIMARY"), {}
        )
        balancer: Mapping[str, Any] = next(iter(told.get("loadBalancers", ())), {})
        return cls(
            name=told["serviceName"],
            status=told["status"],
            revision=told["taskDefinition"],
            desired=told["desiredCount"],
            running=told["runningCount"],
            pending=told["pendingCount"],
            state=newest.get("rolloutState", ""),
            reason=newest.get("rolloutStateReason", ""),
            failed_tasks=newest.get("failedTasks", 0),
            events=tuple(event["message"] for event in told.get("events", ())[:_EVENTS]),
            tags=_read_tags(told),
            target_group=balancer.get("targetGroupArn"),
        )

    @property
    def problem(self) -> str | None:
        """Why it is not steady, if it is not; what ECS does not say is a problem too."""
        tasks = f"{self.running} of {self.desired} tasks run"
        if self.status != "ACTIVE":
            return f"the service is {self.status}"
        if self.state != "COMPLETED":
            failed = f", {self.failed_tasks} failed" if self.failed_tasks else ""
            reason = f": {self.reason}" if self.reason else ""
            return f"its rollout is {self.state or 'not told of'}{reason} ({tasks}{failed})"
        return None if 0 < self.desired <= self.running else tasks


class EcsTask(Value):
    """One task as ECS tells it: what it runs, or why it stopped."""

    arn: str
    status: str
    health: str
    digests: Mapping[str, str | None]
    """The image that each container runs, by the container's name; none where ECS does not say."""
    last_words: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "EcsTask":
        containers = told.get("containers", ())
        ended = [
            f"{c['name']}: {c.get('reason') or 'exited'}, exit code {c.get('exitCode', 'unknown')}"
            for c in containers
            if c.get("reason") or c.get("exitCode")
        ]
        return cls(
            arn=told["taskArn"],
            status=told.get("lastStatus", ""),
            health=told.get("healthStatus", ""),
            digests={c["name"]: c.get("imageDigest") for c in containers},
            last_words="; ".join(filter(None, [told.get("stoppedReason"), *ended])),
        )


class EcsCluster:
    """Services and tasks of one cluster, and the task definitions that they run.

    Each method raises what `in_release_words` does.
    """

    def __init__(self, client: Callable[[], Ecs], cluster: str) -> None:
        self._client = client
        self._cluster = cluster

    def service(self, name: str) -> EcsService | None:
        """The service, while it is ACTIVE or DRAINING; ECS tells of deleted ones for a while."""
        return next(iter(self.services([name])), None)

    def services(self, names: Sequence[str]) -> list[EcsService]:
        found: list[EcsService] = []
        for few in _batches(names, _SERVICES):
            with self._asked("describe services"):
                answer = self._client().describe_services(
                    cluster=self._cluster, services=few, include=["TAGS"]
                )
            found += map(EcsService.read, answer["services"])
        return [service for service in found if service.status != "INACTIVE"]

    def names(self) -> list[str]:
        """The names of all services of the cluster."""
        arns = self._pages("list_services", "serviceArns")
        return [arn.rpartition("/")[2] for arn in arns]

    def create(self, asked: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        with self._asked(f"create service {asked['serviceName']}"):
            self._client().create_service(cluster=self._cluster, tags=_written(tags), **asked)

    def roll_out(self, name: str, *, revision: str, desired: int) -> None:
        """Start tasks of *revision* anew, as many as *desired*, in place of what runs."""
        with self._asked(f"update service {name}"):
            self._client().update_service(
                cluster=self._cluster,
                service=name,
                taskDefinition=revision,
                desiredCount=desired,
                forceNewDeployment=True,
            )

    def scale_to_zero(self, name: str) -> None:
        with self._asked(f"scale service {name} to 0"):
            _unless_gone(
                lambda: self._client().update_service(
                    cluster=self._cluster, service=name, desiredCount=0
                )
            )

    def delete(self, name: str, *, force: bool = False) -> None:
        """Delete the service; with *force* its tasks are stopped, or else it must have none."""
        with self._asked(f"delete service {name}"):
            _unless_gone(
                lambda: self._client().delete_service(
                    cluster=self._cluster, service=name, force=force
                )
            )

    def tasks(self, name: str, *, stopped: bool = False) -> list[EcsTask]:
        """The tasks of a service that are to run, or those that ECS still remembers as stopped."""
        arns = list(
            self._pages(
                "list_tasks",
                "taskArns",
                serviceName=name,
                desiredStatus="STOPPED" if stopped else "RUNNING",
            )
        )
        found: list[EcsTask] = []
        for few in _batches(arns, _TASKS):
            with self._asked(f"describe tasks of {name}"):
                answer = self._client().describe_tasks(cluster=self._cluster, tasks=few)
            found += map(EcsTask.read, answer["tasks"])
        return found

    def register(self, definition: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        """The ARN of a new revision."""
        with self._asked(f"register task definition {definition['family']}"):
            answer = self._client().register_task_definition(**definition, tags=_written(tags))
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def revisions(self, family: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The ARN and the tags of each active revision of *family*, newest first."""
        arns = self._pages(
            "list_task_definitions",
            "taskDefinitionArns",
            in_cluster=False,
            familyPrefix=family,
            status="ACTIVE",
            sort="DESC",
        )
        for arn in arns:
            if arn.rpartition("/")[2].rpartition(":")[0] == family:
                yield arn, _read_tags(self._definition(arn))

    def image(self, revision: str, container: str) -> str | None:
        """The image that *container* of a revision is started from."""
        told = self._definition(revision)["taskDefinition"]["containerDefinitions"]
        images: Iterator[str] = (c["image"] for c in told if c["name"] == container)
        return next(images, None)

    def deregister(self, revision: str) -> None:
        with self._asked(f"deregister task definition {revision}"):
            self._client().deregister_task_definition(taskDefinition=revision)

    def _definition(self, revision: str) -> Any:
        with self._asked(f"describe task definition {revision}"):
            return self._client().describe_task_definition(
                taskDefinition=revision, include=["TAGS"]
            )

    def _pages(
        self, call: str, key: str, *, in_cluster: bool = True, **asked: str
    ) -> Iterator[str]:
        """What all pages of a listing hold under *key*."""
        if in_cluster:
            asked["cluster"] = self._cluster
        while True:
            with self._asked(call.replace("_", " ")):
                answer = getattr(self._client(), call)(**asked)
            yield from answer[key]
            if not answer.get("nextToken"):
                return
            asked["nextToken"] = answer["nextToken"]

    def _asked(self, what: str) -> AbstractContextManager[None]:
        return in_release_words(f"ecs {self._cluster}: {what}")


def _unless_gone(call: Callable[[], object]) -> None:
    """Make *call*; an error that says that the service is gone says that it is done."""
    try:
        call()
    except ClientError as error:
        if error_code(error) not in _ALREADY_GONE:
            raise


def _batches(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for first in range(0, len(items), size):
        yield list(items[first : first + size])


def _written(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _read_tags(told: Mapping[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in told.get("tags", ())}
