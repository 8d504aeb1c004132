"""Ports of the stack: free ones chosen once, kept, and chosen again only if somebody took them."""

import json
import random
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.local.home import ENVIRONMENTS, SERVICES, write_private

# Below what Linux hands out to outgoing connections (32768 and up), so that none of those
# takes a port between the choice and the bind.
_RANGE = range(20000, 30000)

NAMES = (
    "temporal",
    "temporal-http",
    "temporal-metrics",
    "temporal-ui",
    "openbao",
    "openbao-cluster",
    "postgres",
    *(f"envoy-{environment}-admin" for environment in ENVIRONMENTS),
    *(f"envoy-{environment}-{service}" for environment in ENVIRONMENTS for service in SERVICES),
    "seaweedfs-master",
    "seaweedfs-master-grpc",
    "seaweedfs-volume",
    "seaweedfs-volume-grpc",
    "seaweedfs-filer",
    "seaweedfs-filer-grpc",
    "seaweedfs-s3",
    "seaweedfs-s3-grpc",
    "seaweedfs-admin",
    "seaweedfs-admin-grpc",
    "prometheus",
    "alertmanager",
    "worker",
    "alerts",
    "moto",
    "aws",
)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(saved: Mapping[str, int], *, free: Callable[[int], bool] = is_free) -> dict[str, int]:
    """A free port for every name: the saved one where it is still free, else another."""
    chosen: dict[str, int] = {
        name: saved[name] for name in NAMES if name in saved and free(saved[name])
    }
    # Random, so that two stacks that start at one moment rarely want the same port.
    candidates = iter(random.sample(_RANGE, len(_RANGE)))
    for name in NAMES:
        if name not in chosen:
            chosen[name] = next(
                port for port in candidates if port not in chosen.values() and free(port)
            )
    return chosen


def keep_ports(path: Path, *, running: bool) -> dict[str, int]:
    """Read the ports file, mend what others took, write it; untouched while the stack runs."""
    saved: dict[str, int] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if running and set(NAMES) <= saved.keys():
        return saved
    chosen = choose(saved)
    write_private(path, json.dumps(chosen, indent=2) + "\n")
    return chosen
