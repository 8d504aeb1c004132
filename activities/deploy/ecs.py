"""Versions as services of an ECS cluster, each on a task-definition revision of its own."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from activities.deploy.ecs_client import Ecs
from activities.deploy.ecs_cluster import EcsCluster, EcsService
from activities.deploy.ecs_naming import CONTAINER, ENDPOINT, RELEASE, EcsNaming
from activities.deploy.ecs_revisions import EcsRevisions
from activities.deploy.ecs_template import EcsTemplate
from activities.deploy.ecs_versions import EcsVersions, instance_of
from workflows.domain.errors import ArtifactMismatch, Refused, Unavailable, VersionUnhealthy
from workflows.domain.values import Artifact, Digest, digest_of
from workflows.ports.deploy import Deployment, Instance

STEADY_WITHIN = timedelta(minutes=7)
GONE_WITHIN = timedelta(seconds=80)
_LOOK_AGAIN = timedelta(seconds=2)


class EcsPlatform:
    """One cluster: each version is an ECS service named by its `arm_name`, found by its tags.

    What runs is read back from ECS, so that any worker finishes what a killed one began; a
    service without the tags of this *connection* is never changed. docs/adr/0020 says why it is
    one service for each version.
    """

    def __init__(
        self,
        *,
        connection: str,
        client: Callable[[], Ecs],
        cluster: str,
        templates: Path,
        images: str,
        prefix: str = "",
        steady_within: timedelta = STEADY_WITHIN,
        gone_within: timedelta = GONE_WITHIN,
        look_again: timedelta = _LOOK_AGAIN,
    ) -> None:
        self._naming = EcsNaming(connection=connection, prefix=prefix, images=images)
        self._cluster = EcsCluster(client, cluster)
        self._versions = EcsVersions(self._cluster, self._naming)
        self._revisions = EcsRevisions(self._cluster, self._naming)
        self._templates = templates
        self._steady_within = steady_within
        self._gone_within = gone_within
        self._look_again = look_again

    def observe(self, service: str) -> Deployment:
        """See Platform: every version that has tasks, or is to have some."""
        running = [
            instance_of(each)
            for each in self._versions.of(service)
            if each.desired or each.running
        ]
        return Deployment(instances=tuple(sorted(running, key=lambda one: one.version)))

    def target_groups(self, service: str) -> Mapping[Digest, str]:
        """The target group of each version of *service*, to which a router sends its requests.

        Raises:
            Unavailable: ECS does not answer.
        """
        return {
            instance_of(each).digest: each.target_group
            for each in self._versions.of(service)
            if each.target_group is not None
        }

    def install(
        self,
        artifact: Artifact,
        fetch: Callable[[], bytes],
        beat: Callable[[], object],
        *,
        release: str = "",
    ) -> Instance:
        """See Platform; a version that was scaled to 0 or altered is rolled out again.

        One whose rollout was COMPLETED before may have traffic: it is never removed for being
        unhealthy now.

        Raises:
            Refused: the template is none, or a service of that name is not this platform's.
        """
        rolling = self._rolling(artifact, self._settled(artifact, beat), fetch, release=release)
        try:
            return instance_of(self._wait_steady(artifact, beat))
        except VersionUnhealthy as unhealthy:
            if not rolling:
                raise
            try:
                self._discard(artifact, beat)
            except Refused as refusal:
                raise VersionUnhealthy(
                    f"{unhealthy}\nand it is still there: {refusal}"
                ) from refusal
            raise

    def remove(self, service: str, digest: str, beat: Callable[[], object]) -> None:
        """See Platform: scaled to 0, so that load balancers drain it; then deleted and unlisted.

        Raises:
            Unavailable: it still ends its requests; asked again, it waits on.
            Refused: the service of that name is not this platform's.
        """
        deadline = self._deadline(self._gone_within)
        while (found := self._versions.found(service, digest)) is not None:
            beat()
            if found.status == "ACTIVE" and found.desired:
                self._cluster.scale_to_zero(found.name)
            elif found.status == "ACTIVE" and not found.running + found.pending:
                self._cluster.delete(found.name)
            self._pause(
                deadline,
                f"ecs service {found.name} is {found.status} and has {found.running} tasks that "
                f"end their requests",
            )
        self._revisions.unlist(service, digest, beat)

    def verify(self, artifact: Artifact) -> Instance:
        """See Platform: each task's image is compared, as the one who pulled it tells it."""
        found = self._versions.found(artifact.service, artifact.digest)
        if found is None or not found.desired + found.running:
            raise VersionUnhealthy(f"{artifact} does not run here: {_state_of(found)}")
        if not self._revisions.is_pinned(found, artifact):
            raise ArtifactMismatch(
                f"{artifact}: {found.revision} names another image, which the next task would run"
            )
        for task in self._cluster.tasks(found.name):
            if task.status == "RUNNING":
                _compare(artifact, task.arn, task.digests.get(found.tags[CONTAINER]))
        if problem := self._versions.problem(found):
            raise VersionUnhealthy(f"{artifact} runs, but {problem}")
        return instance_of(found)

    def health_problem(self, service: str, digest: str) -> str | None:
        """See Platform: the rollout, the number of tasks, and what their health checks say."""
        found = self._versions.found(service, digest)
        if found is None or not found.desired + found.running:
            return f"it does not run here: {_state_of(found)}"
        return self._versions.problem(found)

    def _settled(self, artifact: Artifact, beat: Callable[[], object]) -> EcsService | None:
        """The service to go on from, once its name is free or it is one that can be used.

        A failed rollout is what a killed attempt could not clean up, and says nothing of this one.
        """
        deadline = self._deadline(self._gone_within)
        while (found := self._versions.found(artifact.service, artifact.digest)) is not None:
            if found.status == "ACTIVE" and found.state != "FAILED":
                return found
            beat()
            if found.status == "ACTIVE":
                self._cluster.delete(found.name, force=True)
            self._pause(deadline, f"ecs service {found.name} is {found.status}")
        return None

    def _rolling(
        self,
        artifact: Artifact,
        found: EcsService | None,
        fetch: Callable[[], bytes],
        *,
        release: str,
    ) -> bool:
        """Begin what is not under way; False where nothing is, as the version has been steady."""
        if found is None:
            self._create(artifact, fetch, release)
        elif not self._revisions.is_pinned(found, artifact):
            template = self._template(artifact)
            self._roll_out(artifact, fetch, self._revisions.running(artifact, template))
        elif not found.desired:
            self._roll_out(artifact, fetch, found.revision)
        else:
            return found.state != "COMPLETED"
        return True

    def _create(self, artifact: Artifact, fetch: Callable[[], bytes], release: str) -> None:
        template = self._template(artifact)
        _prove(artifact, fetch())
        group = self._free_target_group(artifact.service, template)
        asked = template.creation(
            revision=self._revisions.running(artifact, template),
            name=self._naming.name(artifact.service, artifact.digest),
            target_group=group,
        )
        tags = {
            **self._naming.tags(artifact),
            CONTAINER: template.container,
            ENDPOINT: template.endpoint,
            RELEASE: release,
        }
        self._cluster.create(asked, tags)

    def _roll_out(self, artifact: Artifact, fetch: Callable[[], bytes], revision: str) -> None:
        desired = self._template(artifact).desired
        _prove(artifact, fetch())
        name = self._naming.name(artifact.service, artifact.digest)
        self._cluster.roll_out(name, revision=revision, desired=desired)

    def _free_target_group(self, service: str, template: EcsTemplate) -> str | None:
        if not template.target_groups:
            return None
        taken = {each.target_group for each in self._versions.of(service)}
        free = [group for group in template.target_groups if group not in taken]
        if not free:
            raise Refused(
                f"each of the {len(template.target_groups)} target groups of {service} has its "
                "version; remove one that serves nobody, or give the template another group"
            )
        return free[0]

    def _wait_steady(self, artifact: Artifact, beat: Callable[[], object]) -> EcsService:
        """The service, once its rollout is COMPLETED and its tasks run.

        Raises:
            VersionUnhealthy: the circuit breaker gave it up, or it was not steady in time.
        """
        deadline = self._deadline(self._steady_within)
        while True:
            beat()
            found = self._versions.found(artifact.service, artifact.digest)
            problem = self._versions.problem(found) if found else "ECS does not tell of it yet"
            if found is not None and problem is None:
                return found
            if found is not None and found.state == "FAILED":
                words = self._versions.last_words(found)
                raise VersionUnhealthy(f"{artifact} was given up by ECS: {problem}{words}")
            if time.monotonic() > deadline:
                words = self._versions.last_words(found) if found else ""
                raise VersionUnhealthy(
                    f"{artifact} is not steady after {self._steady_within}: {problem}{words}"
                )
            time.sleep(self._look_again.total_seconds())

    def _discard(self, artifact: Artifact, beat: Callable[[], object]) -> None:
        """Remove what took no traffic, and so has nothing to drain.

        Deleted by force it goes on its own, so one that takes long is not waited for.
        """
        deadline = self._deadline(self._gone_within)
        while found := self._versions.found(artifact.service, artifact.digest):
            beat()
            if found.status == "ACTIVE":
                self._cluster.delete(found.name, force=True)
            if time.monotonic() > deadline:
                break
            time.sleep(self._look_again.total_seconds())
        self._revisions.unlist(artifact.service, artifact.digest, beat)

    def _template(self, artifact: Artifact) -> EcsTemplate:
        name = self._naming.name(artifact.service, artifact.digest)
        return EcsTemplate.read(self._templates, artifact, name=name)

    def _deadline(self, within: timedelta) -> float:
        return time.monotonic() + within.total_seconds()

    def _pause(self, deadline: float, state: str) -> None:
        """Wait before the next look.

        Raises:
            Unavailable: it is past the *deadline*, and this is the *state*.
        """
        if time.monotonic() > deadline:
            raise Unavailable(f"{state} after {self._gone_within}")
        time.sleep(self._look_again.total_seconds())


def _state_of(found: EcsService | None) -> str:
    return "never installed" if found is None else f"scaled to 0, {found.status}"


def _prove(artifact: Artifact, manifest: bytes) -> None:
    """Raise ArtifactMismatch unless *manifest*, as the store holds it, is that of the digest."""
    if (found := digest_of(manifest)) != artifact.digest:
        raise ArtifactMismatch(f"{artifact}: expected {artifact.digest}, found bytes of {found}")


def _compare(artifact: Artifact, task: str, running: str | None) -> None:
    if running is None:
        raise Unavailable(f"{artifact}: ECS does not tell what image task {task} runs")
    if running != artifact.digest:
        raise ArtifactMismatch(
            f"{artifact} runs other bytes than were promoted: task {task} runs {running}"
        )
