"""The task-definition revisions of a platform: one for each version, its image named by digest."""

import json
from collections.abc import Callable

from activities.deploy.ecs_cluster import EcsCluster, EcsService
from activities.deploy.ecs_naming import CONTAINER, DEFINITION, EcsNaming, holds
from activities.deploy.ecs_template import EcsTemplate
from workflows.domain.values import Artifact, digest_of


class EcsRevisions:
    """Finds by tags what a killed worker registered, since registering twice makes two."""

    def __init__(self, cluster: EcsCluster, naming: EcsNaming) -> None:
        self._cluster = cluster
        self._naming = naming

    def running(self, artifact: Artifact, template: EcsTemplate) -> str:
        """The active revision that runs *artifact* as *template* says, registered if need be."""
        definition = template.registration(
            artifact,
            family=self._naming.family(artifact.service),
            image=self._naming.image(artifact),
        )
        content = digest_of(json.dumps(definition, sort_keys=True))
        tags = {**self._naming.tags(artifact), DEFINITION: content}
        for revision, found in self._cluster.revisions(definition["family"]):
            if holds(found, tags):
                return revision
        return self._cluster.register(definition, tags)

    def is_pinned(self, service: EcsService, artifact: Artifact) -> bool:
        """Whether new tasks of *service* are started from the artifact's image, by its digest."""
        image = self._cluster.image(service.revision, service.tags.get(CONTAINER, "")) or ""
        return image.partition("@")[2] == artifact.digest

    def unlist(self, service: str, digest: str, beat: Callable[[], object]) -> None:
        """Deregister every revision of one version; what still runs of it is not touched."""
        listed = list(self._cluster.revisions(self._naming.family(service)))
        for revision, tags in listed:
            beat()
            if holds(tags, self._naming.owned(digest)):
                self._cluster.deregister(revision)
