"""Routes through an Envoy that watches its clusters and routes as files."""

import json
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import chain
from pathlib import Path

import httpx
from pydantic import ValidationError

from activities.files import one_at_a_time, replace_file
from activities.traffic.envoy_admin import EnvoyAdmin
from activities.traffic.envoy_config import (
    Json,
    Published,
    clusters_for,
    clusters_of,
    discovery,
    ours,
    read_route,
    route_config,
    twin_of,
)
from activities.traffic.router import expect_able
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.traffic.route import CAN, Route
from workflows.domain.values import arm_name

_CLUSTERS = "cds.json"
_CONFIRMED_WITHIN = timedelta(seconds=5)
_LOCKED_WITHIN = timedelta(seconds=10)
_LOOK_AGAIN_SECONDS = 0.02
_DRAINED_WITHIN = timedelta(seconds=3)


class EnvoyRouter:
    """One Envoy; each version of a service is a cluster named by `arm_name`.

    `config_dir` holds the files Envoy watches, `instances` what the platform publishes of each
    running version, `services` the names that Envoy listens for. A version that is taken out of
    a route has `drained_within` to end the requests it has; sessions go to the other version with
    their next request.
    """

    can = CAN["envoy"]

    def __init__(
        self,
        *,
        config_dir: Path,
        admin_url: str,
        services: Collection[str],
        instances: Path,
        client: httpx.Client | None = None,
        drained_within: timedelta = _DRAINED_WITHIN,
    ) -> None:
        self._drained_within = drained_within
        self._folder = config_dir
        self._admin = EnvoyAdmin(admin_url, client or httpx.Client(timeout=5, trust_env=False))
        self._services = frozenset(services)
        self._instances = instances

    def read(self, service: str) -> Route:
        """See Router: from Envoy's config dump, since a file may not be what is served."""
        self._expect(service)
        _, config = self._served(service)
        return read_route(service, config)

    def serve(self, service: str, route: Route, *, instead_of: Route) -> None:
        """See Router: clusters first, then the route, then the clusters nobody needs any more.

        What was withdrawn is waited for a little, so that the platform may stop it afterwards.

        Every step may be the last one of a killed worker: clusters without a route are harmless,
        and the next call finds the route either as it was or as it was to be.
        """
        self._expect(service)
        expect_able("Envoy", self.can, route)
        with self._locked():
            self._still(service, instead_of)
            marked = route.canary is not None
            versions = [self._published(service, digest) for digest in sorted(route.digests)]
            self._add_clusters([c for v in versions for c in clusters_for(v, marked=marked)])
            self._put_route(service, route)
            self._drain(service, instead_of.digests - route.digests)
            self._drop_unused_clusters()

    def settles_after(self, service: str) -> timedelta:
        """See Router: at once; `serve` returns when Envoy uses the route for every request."""
        self._expect(service)
        return timedelta(0)

    def _expect(self, service: str) -> None:
        if service not in self._services:
            known = ", ".join(sorted(self._services)) or "none"
            raise TargetMissing(
                f"Envoy of {self._folder} has no listener for {service!r}: {known}"
            )

    def _served(self, service: str) -> tuple[str, Json]:
        served = self._admin.served()
        if service not in served:
            raise Unavailable(
                f"Envoy of {self._folder} has not loaded the route of {service!r} yet"
            )
        return served[service]

    def _still(self, service: str, expected: Route) -> None:
        found = self.read(service)
        if found != expected:
            raise Diverged(
                f"{service}: somebody changed the route: expected {expected}, found {found}"
            )

    def _locked(self) -> AbstractContextManager[None]:
        return one_at_a_time(self._folder / ".lock", within=_LOCKED_WITHIN)

    def _published(self, service: str, digest: str) -> Published:
        published = self._instances / f"{arm_name(service, digest)}.json"
        try:
            return Published.model_validate_json(published.read_bytes())
        except FileNotFoundError as error:
            raise TargetMissing(
                f"{service}: version {digest} does not run: the platform has not published "
                f"{published}; install it first"
            ) from error
        except ValidationError as error:
            raise Refused(f"{published}: not a published instance: {error}") from error

    def _add_clusters(self, needed: Collection[Json]) -> None:
        names = {cluster["name"] for cluster in needed}
        kept = [cluster for cluster in self._clusters() if cluster["name"] not in names]
        self._put_clusters([*kept, *needed], warm=names)

    def _drain(self, service: str, withdrawn: Collection[str]) -> None:
        """Give the requests under way time to end; those that need longer still end in Envoy."""
        deadline = time.monotonic() + self._drained_within.total_seconds()
        arms = [arm_name(service, digest) for digest in withdrawn]
        for cluster in (*arms, *map(twin_of, arms)):
            while self._admin.requests_under_way(cluster):
                if time.monotonic() > deadline:
                    return
                time.sleep(_LOOK_AGAIN_SECONDS)

    def _drop_unused_clusters(self) -> None:
        """Forget our clusters that no route names; requests under way in them still end well."""
        written = [self._resources(path) for path in self._folder.glob("rds-*.json")]
        routes = [config for _, config in self._admin.served().values()]
        used = frozenset[str]().union(*map(clusters_of, chain(routes, *written)))
        clusters = self._clusters()
        kept = [cluster for cluster in clusters if cluster["name"] in used or not ours(cluster)]
        if kept != clusters:
            self._put_clusters(kept, warm=set())

    def _put_clusters(self, clusters: Collection[Json], *, warm: set[str]) -> None:
        text, version = discovery(sorted(clusters, key=lambda cluster: str(cluster["name"])))
        self._put(
            self._folder / _CLUSTERS,
            text,
            taken=lambda: (
                self._admin.cluster_version() == version and warm <= self._admin.clusters()
            ),
            rejections=self._admin.clusters_rejected,
        )

    def _put_route(self, service: str, route: Route) -> None:
        text, version = discovery([route_config(service, route)])
        self._put(
            self._folder / f"rds-{service}.json",
            text,
            taken=lambda: self._served(service)[0] == version,
            rejections=lambda: self._admin.routes_rejected(service),
        )

    def _put(
        self, path: Path, text: str, *, taken: Callable[[], bool], rejections: Callable[[], int]
    ) -> None:
        """Replace *path* and wait until Envoy has taken it; what it rejects is put back."""
        before = path.read_bytes() if path.exists() else None
        rejected = rejections()
        replace_file(path, text)
        deadline = time.monotonic() + _CONFIRMED_WITHIN.total_seconds()
        while not taken():
            if rejections() > rejected:
                if before is not None:
                    replace_file(path, before)
                raise Refused(f"{path}: Envoy rejected it and keeps what it had; its log says why")
            if time.monotonic() > deadline:
                raise Unavailable(f"{path}: Envoy has not taken it after {_CONFIRMED_WITHIN}")
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _clusters(self) -> list[Json]:
        return self._resources(self._folder / _CLUSTERS)

    def _resources(self, path: Path) -> list[Json]:
        try:
            resources: list[Json] = json.loads(path.read_bytes()).get("resources", [])
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise Refused(f"{path}: not JSON: {error}; correct it or remove it") from error
        return resources
