"""Platforms on ECS for tests: our fake of it, or ministack."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities.deploy.ecs import EcsPlatform

TEMPLATE: dict[str, Any] = {
    "container": "app",
    "endpoint": "{name}.shop.internal:8080",
    "taskDefinition": {
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {"name": "proxy", "image": "proxy@sha256:" + "9" * 64},
            {
                "name": "app",
                "portMappings": [{"containerPort": 8080}],
                "environment": [{"name": "PAYMENTS_URL", "value": "http://payments.internal"}],
            },
        ],
    },
    "service": {"desiredCount": 2, "launchType": "FARGATE"},
}


def write_template(folder: Path, named: str = "checkout", **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{named}.json").write_text(json.dumps({**TEMPLATE, **changes}))
    return folder


def on_ecs(client: Any, templates: Path, **more: Any) -> EcsPlatform:
    """A platform that looks again at once; on the fake each look moves the cluster on."""
    settings = {
        "connection": "production",
        "cluster": "shop",
        "images": "registry.internal/shop/",
        "steady_within": timedelta(seconds=20),
        "gone_within": timedelta(seconds=20),
        "look_again": timedelta(0),
        **more,
    }
    return EcsPlatform(client=lambda: client, templates=templates, **settings)


class Resolving:
    """A client of ministack, which runs no containers, and so tells no digest of what they run.

    The tasks of this one tell the digest that their image names, as those of ECS would.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def describe_tasks(self, **asked: Any) -> Any:
        answer = self._client.describe_tasks(**asked)
        for task in answer["tasks"]:
            for container in task["containers"]:
                container["imageDigest"] = container["image"].partition("@")[2]
        return answer
