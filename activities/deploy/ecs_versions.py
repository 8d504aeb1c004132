"""The versions of one platform as ECS tells them, and how each of them is."""

from activities.deploy.ecs_cluster import EcsCluster, EcsService
from activities.deploy.ecs_naming import CONNECTION, DIGEST, ENDPOINT, VERSION, EcsNaming, holds
from workflows.domain.errors import Refused
from workflows.ports.deploy import Instance

_STOPPED_TASKS = 3


class EcsVersions:
    """Looks among the services of a cluster for those that bear this platform's tags."""

    def __init__(self, cluster: EcsCluster, naming: EcsNaming) -> None:
        self._cluster = cluster
        self._naming = naming

    def of(self, service: str) -> list[EcsService]:
        """Every version of *service* that this platform has made."""
        names = [n for n in self._cluster.names() if self._naming.may_be_version(n, service)]
        return [
            each
            for each in self._cluster.services(names)
            if each.tags.get(CONNECTION) == self._naming.connection
            and each.name == self._naming.name(service, each.tags.get(DIGEST, ""))
        ]

    def found(self, service: str, digest: str) -> EcsService | None:
        """The ECS service of one version.

        Raises:
            Refused: it was made by somebody else.
        """
        name = self._naming.name(service, digest)
        found = self._cluster.service(name)
        if found is not None and not holds(found.tags, self._naming.owned(digest)):
            raise Refused(
                f"ecs service {name}: expected the tags {self._naming.owned(digest)}, found "
                f"{dict(found.tags)}; it is not this platform's to change, so give "
                f"platforms.{self._naming.connection} a prefix of its own"
            )
        return found

    def problem(self, found: EcsService) -> str | None:
        """Why a version cannot be trusted with traffic: its rollout, its tasks, their checks."""
        if found.problem:
            return found.problem
        sick = [task.arn for task in self._cluster.tasks(found.name) if task.health == "UNHEALTHY"]
        return f"{len(sick)} of its tasks fail their health checks: {sick[0]}" if sick else None

    def last_words(self, found: EcsService) -> str:
        """What ECS says of the failure: why tasks stopped, and the service's last events."""
        stopped = [task.last_words for task in self._cluster.tasks(found.name, stopped=True)]
        said = [*filter(None, dict.fromkeys(stopped))][:_STOPPED_TASKS]
        return "".join(f"\n{line}" for line in [*said, *found.events])


def instance_of(found: EcsService) -> Instance:
    told = found.tags
    return Instance(
        version=told.get(VERSION, ""), digest=told[DIGEST], endpoint=told.get(ENDPOINT, "")
    )
