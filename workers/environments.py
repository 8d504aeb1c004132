"""Where environments are made, as the settings name it: every client of AWS of one connection."""

import threading
from typing import Any

from activities.environments.provisioner import AwsClients
from infra.provisioning import CloudFormationConnection
from workers.aws import aws_client
from workers.parts import Parts
from workers.renewed import Renewed


def clients_of(parts: Parts, entry: CloudFormationConnection) -> AwsClients:
    """Clients of one connection by service, each made when it is first called for."""
    return _Clients(parts, entry)


class _Clients:
    def __init__(self, parts: Parts, entry: CloudFormationConnection) -> None:
        self._parts = parts
        self._entry = entry
        self._turn = threading.Lock()
        self._made: dict[str, Renewed] = {}

    def __call__(self, service: str) -> Any:
        with self._turn:
            if service not in self._made:
                self._made[service] = aws_client(self._parts, service, self._entry.at(service))
            made = self._made[service]
        return made()
