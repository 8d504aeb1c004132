"""Where environments are made, as the settings name it: by clients of AWS with vault keys."""

import threading
from typing import Any

from activities.connections import Connections
from activities.environments import PROVISIONERS, AwsClients, EnvironmentsActivities
from activities.environments.provisioner import Provisioner
from activities.rates import ApiRates
from infra.provisioning import CloudFormationConnection
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts
from workers.renewed import Renewed
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Provider

# The smallest template there is: it says whether CloudFormation answers, and about nothing else.
_ANY = '{"Resources": {"Any": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'


def environments_of(parts: Parts) -> tuple[EnvironmentsActivities, tuple[Dependency, ...]]:
    """The provisioners, and what they need to be asked."""
    entries = parts.settings.environments
    made: dict[Provider, Provisioner] = {}
    needs = [parts.vault_need] if any(entry.credentials for entry in entries.values()) else []
    for name, entry in entries.items():
        clients = clients_of(parts, name, entry)
        made[Provider(type=entry.type, connection=name)] = PROVISIONERS[entry.type](
            clients, connection=name, role=entry.role, capabilities=entry.capabilities
        )
        needs.append(_need(name, entry, clients))
    return EnvironmentsActivities(Connections("environments connection", made)), tuple(needs)


def _need(name: str, entry: CloudFormationConnection, clients: AwsClients) -> Dependency:
    where = entry.at("cloudformation").endpoint or f"AWS {entry.region}"

    def ping() -> None:
        clients("cloudformation").validate_template(TemplateBody=_ANY)

    return Dependency(f"environments.{name}", f"CloudFormation at {where}", ping)


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
        try:
            return made()
        except TargetMissing as error:
            # Whoever asks of a resource would take it for gone, and a census for empty.
            raise Refused(f"{service} cannot be asked: {error}") from error
