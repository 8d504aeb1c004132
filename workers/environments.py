"""Where environments are made, as the settings name it: every client of AWS of one connection."""

import threading
from typing import Any

from activities.environments.provisioner import AwsClients
from activities.rates import ApiRates
from infra.provisioning import CloudFormationConnection
from workers.aws import aws_client
from workers.parts import Parts
from workers.renewed import Renewed


def clients_of(parts: Parts, connection: str, entry: CloudFormationConnection) -> AwsClients:
    """Clients of one connection by service, each made when it is first called for.

    All together ask each service at most so often as the entry of that *connection* says.
    """
    return _Clients(parts, entry, ApiRates(connection, entry.calls_per_second))


class _Clients:
    def __init__(self, parts: Parts, entry: CloudFormationConnection, rates: ApiRates) -> None:
        self._parts = parts
        self._entry = entry
        self._rates = rates
        self._turn = threading.Lock()
        self._made: dict[str, Renewed] = {}

    def __call__(self, service: str) -> Any:
        with self._turn:
            if service not in self._made:
                self._made[service] = aws_client(
                    self._parts, service, self._entry.at(service), rates=self._rates
                )
            made = self._made[service]
        return made()
