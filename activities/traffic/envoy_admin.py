"""What a running Envoy says of itself, over its admin interface."""

import re
from typing import Any

import httpx

from activities.http import spoken_for
from workflows.domain.errors import Unavailable

Json = dict[str, Any]


class EnvoyAdmin:
    """Reads only: nothing here changes Envoy, so losing it loses no route."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url = url.rstrip("/")
        self._client = client

    def served(self) -> dict[str, tuple[str, Json]]:
        """Each route configuration that Envoy serves, by name, with its version.

        Raises:
            Unavailable: Envoy does not answer.
        """
        dump = self._get("config_dump", resource="dynamic_route_configs")
        routes = (config for config in dump.get("configs", ()) if "route_config" in config)
        return {
            config["route_config"]["name"]: (
                config.get("version_info", ""),
                config["route_config"],
            )
            for config in routes
        }

    def clusters(self) -> frozenset[str]:
        """The clusters that Envoy can send requests to now; one still warming is not among them.

        Raises:
            Unavailable: Envoy does not answer.
        """
        dump = self._get("config_dump", resource="dynamic_active_clusters")
        return frozenset(
            config["cluster"]["name"] for config in dump.get("configs", ()) if "cluster" in config
        )

    def cluster_version(self) -> str:
        """The version of the clusters file that Envoy took last.

        Raises:
            Unavailable: Envoy does not answer.
        """
        return str(self._stats(r"^cluster_manager\.cds\.version_text$", default=""))

    def clusters_rejected(self) -> int:
        """How many clusters files Envoy has refused since it started.

        Raises:
            Unavailable: Envoy does not answer.
        """
        return int(self._stats(r"^cluster_manager\.cds\.update_rejected$", default=0))

    def routes_rejected(self, service: str) -> int:
        """How many route files of *service* Envoy has refused since it started.

        Raises:
            Unavailable: Envoy does not answer.
        """
        name = re.escape(service)
        return int(self._stats(rf"^http\..*\.rds\.{name}\.update_rejected$", default=0))

    def requests_under_way(self, cluster: str) -> int:
        """How many requests *cluster* has not answered yet; none where there is no such cluster.

        Raises:
            Unavailable: Envoy does not answer.
        """
        name = re.escape(cluster)
        return int(self._stats(rf"^cluster\.{name}\.upstream_rq_active$", default=0))

    def _stats(self, pattern: str, *, default: str | int) -> str | int:
        answer = self._get("stats", format="json", filter=pattern)
        values = [stat["value"] for stat in answer.get("stats", ()) if "name" in stat]
        if not values:
            return default
        value: str | int = values[0]
        return value

    def _get(self, path: str, **query: str) -> Json:
        with spoken_for("Envoy's admin interface"):
            response = self._client.get(f"{self._url}/{path}", params=query)
            response.raise_for_status()
        try:
            answer: Json = response.json()
        except ValueError as error:
            raise Unavailable(f"Envoy admin {self._url}/{path}: answered no JSON") from error
        return answer
