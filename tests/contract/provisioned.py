"""Where environments are made for tests, and what somebody does there by hand."""

import itertools
import time
from contextlib import ExitStack
from threading import Event
from typing import Any, TypeVar

from activities.environments.cloudformation import CloudFormation
from tests.contract.emulators import client
from tests.contract.resources import a_queue
from tests.fakes.environments import FakeProvisioner, FakeStack
from workflows.domain.environments.order import Blueprint
from workflows.domain.values import Provider, Value
from workflows.ports.environments import CreateEnvironment

PREVIEW = Provider(type="cloudformation", connection="preview")
PLAIN = """\
Parameters:
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 30}
  News: {Type: "AWS::SNS::Topic"}
Outputs:
  Queue: {Value: !Ref Orders}
"""
BROKEN = PLAIN.replace(
    "Outputs:",
    '  Late: {Type: "AWS::SQS::Queue", DependsOn: Orders, Properties: {DelaySeconds: 99999}}\n'
    "Outputs:",
)
"""What `Late` asks for cannot be, which is found once there are others already."""
KEPT_BACK = """\
Resources:
  Orders: {Type: "AWS::SQS::Queue"}
  Net: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
"""
"""`Net` cannot be deleted while somebody has something in it."""
WITH_DATA = """\
Resources:
  Orders: {Type: "AWS::SQS::Queue"}
  Uploads: {Type: "AWS::S3::Bucket"}
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t3.micro
      MasterUsername: app
      MasterUserPassword: not-a-secret
      AllocatedStorage: "20"
"""
KEPT_ON_PURPOSE = """\
Resources:
  Orders: {Type: "AWS::SQS::Queue"}
  News: {Type: "AWS::SNS::Topic", DeletionPolicy: Retain}
"""

ValueT = TypeVar("ValueT", bound=Value)
_NAMES = (f"pr-{number}" for number in itertools.count(1))


class QuickPace:
    """A pace at which a second is a moment; what was kept is given to whoever comes next."""

    def __init__(self) -> None:
        self.state: Value | None = None
        self.waits = 0

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        self.waits += 1
        Event().wait(min(seconds, 0.01))

    def beat(self, state: Value) -> None:
        self.state = state

    def kept(self, kind: type[ValueT]) -> ValueT | None:
        return self.state if isinstance(self.state, kind) else None


def new_name() -> str:
    """A name that no environment of this run has had."""
    return next(_NAMES)


def creation(environment: str, text: str = PLAIN, **changes: Any) -> CreateEnvironment:
    """The ask for one; *changes* are of its parameters."""
    blueprint = Blueprint(template="preview", text=text, parameters=changes)
    tags = {
        "lockgate:environment": environment,
        "lockgate:template": "preview",
        "lockgate:template-digest": blueprint.digest,
        "lockgate:purpose": "try it, (all) of it!",
        "lockgate:expiry": "2026-11-29T10:00:00Z",
    }
    return CreateEnvironment(
        environment=environment, provider=PREVIEW, blueprint=blueprint, tags=tags
    )


class AwsWorld:
    """CloudFormation at an emulator, and the hands of somebody who has its console open."""

    def __init__(self, endpoint: str, opened: ExitStack) -> None:
        self._endpoint = endpoint
        self._opened = opened
        self._clients: dict[str, Any] = {}
        self.provisioner = CloudFormation(self.client, connection="preview")

    def client(self, service: str) -> Any:
        if service not in self._clients:
            made = client(service, self._endpoint)
            self._opened.callback(made.close)
            self._clients[service] = made
        return self._clients[service]

    def stack(self, environment: str) -> dict[str, Any]:
        told = self.client("cloudformation").describe_stacks(StackName=f"lockgate-{environment}")
        return dict(told["Stacks"][0])

    def id_of(self, environment: str, name: str) -> str:
        listed = self.client("cloudformation").list_stack_resources(
            StackName=f"lockgate-{environment}"
        )["StackResourceSummaries"]
        (found,) = (x["PhysicalResourceId"] for x in listed if x["LogicalResourceId"] == name)
        return str(found)

    def protect(self, environment: str) -> None:
        self.client("cloudformation").update_termination_protection(
            StackName=f"lockgate-{environment}", EnableTerminationProtection=True
        )

    def make_by_hand(self, environment: str) -> None:
        """A stack of that name, with other tags."""
        self.client("cloudformation").create_stack(
            StackName=f"lockgate-{environment}",
            TemplateBody=PLAIN,
            Tags=[{"Key": "owner", "Value": "somebody"}],
        )

    def hold_back(self, environment: str) -> None:
        """Put something into `Net`, so that it cannot be deleted."""
        vpc = self.id_of(environment, "Net")
        made = self.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
        self._subnet = made["Subnet"]["SubnetId"]

    def let_go(self, environment: str) -> None:
        self.client("ec2").delete_subnet(SubnetId=self._subnet)

    def change(self, environment: str) -> None:
        """Turn a knob of `Orders`."""
        self.client("sqs").set_queue_attributes(
            QueueUrl=self.id_of(environment, "Orders"), Attributes={"VisibilityTimeout": "77"}
        )

    def tags_of(self, environment: str, name: str) -> dict[str, str]:
        """What `Orders` itself carries."""
        url = self.id_of(environment, name)
        tags = self.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {})
        return {key: value for key, value in tags.items() if not key.startswith("aws:")}

    def plant(self, environment: str, **tags: str) -> str:
        """A queue with our tags beside the stack."""
        own = {f"lockgate:{key}": value for key, value in tags.items()}
        return a_queue(self.client, tags={"lockgate:environment": environment, **own})

    def retag(self, planted: str, **tags: str) -> None:
        given = {f"lockgate:{key}": value for key, value in tags.items()}
        self.client("sqs").tag_queue(QueueUrl=self._url(planted), Tags=given)

    def remove(self, planted: str) -> None:
        self.client("sqs").delete_queue(QueueUrl=self._url(planted))

    def fill(self, environment: str, name: str) -> None:
        """Put two objects into a bucket of the stack."""
        bucket = self.id_of(environment, name)
        for key in ("a", "b"):
            self.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")

    def _url(self, queue: str) -> str:
        named = queue.rsplit(":", 1)[-1]
        return str(self.client("sqs").get_queue_url(QueueName=named)["QueueUrl"])

    def left(self, environment: str) -> list[str]:
        """What still carries the tag, without the ghosts of tables."""
        tagged = self.client("resourcegroupstaggingapi").get_resources(
            TagFilters=[{"Key": "lockgate:environment", "Values": [environment]}]
        )
        return [each["ResourceARN"] for each in tagged["ResourceTagMappingList"]]


class FakeWorld:
    """Our fake, in which the same happens as at AWS."""

    def __init__(self) -> None:
        self.provisioner = FakeProvisioner()
        self.provisioner.breaks = {"Late": "DelaySeconds is out of range"}

    def protect(self, environment: str) -> None:
        self.provisioner.stacks[environment].protected = True

    def make_by_hand(self, environment: str) -> None:
        blueprint = Blueprint(template="theirs", text=PLAIN)
        self.provisioner.stacks[environment] = FakeStack(
            blueprint=blueprint, tags={"owner": "somebody"}, complete=True
        )

    def hold_back(self, environment: str) -> None:
        self.provisioner.undeletable = {f"{environment}/Net": "it has dependencies"}

    def let_go(self, environment: str) -> None:
        del self.provisioner.undeletable[f"{environment}/Net"]

    def change(self, environment: str) -> None:
        assert environment in self.provisioner.stacks
        self.provisioner.changed = {"Orders": {"/VisibilityTimeout": ("30", "77")}}

    def tags_of(self, environment: str, name: str) -> dict[str, str]:
        return self.provisioner.resources[f"{environment}/{name}"].tags

    def plant(self, environment: str, **tags: str) -> str:
        own = {f"lockgate:{key}": value for key, value in tags.items()}
        planted = f"queue/{next(_NAMES)}"
        self.provisioner.plant(environment, planted, **own)
        return planted

    def retag(self, planted: str, **tags: str) -> None:
        given = {f"lockgate:{key}": value for key, value in tags.items()}
        queue = self.provisioner.resources[planted]
        self.provisioner.resources[planted] = queue.model_copy(
            update={"tags": {**queue.tags, **given}}
        )

    def remove(self, planted: str) -> None:
        del self.provisioner.resources[planted]

    def fill(self, environment: str, name: str) -> None:
        self.provisioner.objects[f"{environment}/{name}"] = 2

    def left(self, environment: str) -> list[str]:
        return [each.id for each in self.provisioner.of(environment)]
