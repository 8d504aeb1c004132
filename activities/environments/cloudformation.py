"""Environments as stacks of CloudFormation, in one account and region of AWS."""

from activities.environments.blueprints import Blueprints
from activities.environments.creation import Creation
from activities.environments.deletion import Deletion
from activities.environments.drift import DriftDetection
from activities.environments.provisioner import AwsClients
from activities.environments.retagging import Retagging
from activities.environments.stacks import Stacks
from activities.pace import Pace
from workflows.domain.environments.drift import Drift
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    DeleteStack,
    Made,
    ReadDrift,
    ReadEnvironment,
    TagEnvironment,
)


class CloudFormation:
    """See Provisioner: each part answers for its own calls, and this puts them together.

    *role* is the service role with which CloudFormation acts, *capabilities* what templates may
    make use of. docs/adr/0031 says why each call is looked up in CloudFormation again.
    """

    def __init__(
        self,
        clients: AwsClients,
        *,
        connection: str,
        role: str | None = None,
        capabilities: tuple[str, ...] = (),
    ) -> None:
        self._role = role
        self._capabilities = capabilities
        self._stacks = Stacks(clients)
        self._blueprints = Blueprints(
            self._stacks, connection=connection, capabilities=capabilities
        )

    def check_blueprint(self, ask: CheckBlueprint) -> None:
        self._blueprints.check(ask.blueprint)

    def create_environment(self, ask: CreateEnvironment, pace: Pace) -> Made:
        creation = Creation(
            ask, pace, stacks=self._stacks, role=self._role, capabilities=self._capabilities
        )
        return creation.run()

    def tag_environment(self, ask: TagEnvironment, pace: Pace) -> None:
        Retagging(self._stacks, role=self._role).tag(ask, pace)

    def read_made(self, ask: ReadEnvironment) -> Made:
        return self._stacks.made(self._stacks.needed(ask.environment))

    def delete_stack(self, ask: DeleteStack, pace: Pace) -> None:
        Deletion(self._stacks, role=self._role).delete(ask.environment, pace, lift=ask.lift)

    def read_drift(self, ask: ReadDrift, pace: Pace) -> Drift:
        return DriftDetection(self._stacks).read(ask, pace)
