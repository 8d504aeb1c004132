"""Where environments that come and go are made."""

from typing import Literal

from pydantic import Field

from infra.part import Part

Capability = Literal["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class AwsPlace(Part):
    """How one service of AWS is reached."""

    region: str
    endpoint: str | None = None
    credentials: str | None = None


class CloudFormationConnection(Part):
    """An account and region of AWS in which CloudFormation makes environments.

    `credentials` is the vault's KV path that holds access_key and secret_key. `role` is the ARN
    of the service role with which CloudFormation makes and removes resources; without it, it does
    so with the worker's own permissions. `capabilities` are what templates may make use of:
    roles of IAM are made only where it says so. `calls_per_second` is how often each service of
    AWS is called at most, by one worker. `endpoints` are of single services, by boto3's names for
    them; `endpoint` is of all others.
    """

    type: Literal["cloudformation"]
    region: str = "us-east-1"
    endpoint: str | None = None
    endpoints: dict[str, str] = {}
    credentials: str | None = None
    role: str | None = Field(default=None, pattern=r"^arn:")
    capabilities: tuple[Capability, ...] = ()
    calls_per_second: float = Field(default=5, gt=0, le=1000)

    def at(self, service: str) -> AwsPlace:
        """How *service* is reached, by boto3's name for it."""
        return AwsPlace(
            region=self.region,
            endpoint=self.endpoints.get(service, self.endpoint),
            credentials=self.credentials,
        )
