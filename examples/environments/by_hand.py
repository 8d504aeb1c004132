"""AWS as people use it behind Lockgate's back: they change, forget, and count what is there."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
QUIET = {"mode": "standard", "total_max_attempts": 5}


class ByHand:
    """The emulator of the local stack in *home*, with the keys that are in its credentials."""

    def __init__(self, home: Path) -> None:
        self._url = f"http://127.0.0.1:{json.loads((home / 'ports.json').read_text())['aws']}"
        self._keys = json.loads((home / "credentials.json").read_text())
        self._clients: dict[str, Any] = {}

    def aws(self, service: str) -> Any:
        """A client of one service; always the same one."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self._url,
                region_name=REGION,
                aws_access_key_id=self._keys["aws_access_key"],
                aws_secret_access_key=self._keys["aws_secret_key"],
                config=Config(proxies={}, retries=QUIET, s3={"addressing_style": "path"}),
            )
        return self._clients[service]

    def put_object(self, environment: str, key: str) -> None:
        """Leave something in the bucket of an environment."""
        bucket = self._physical(environment, "Uploads")
        self.aws("s3").put_object(Bucket=bucket, Key=key, Body=b"left by a customer")

    def change_queue(self, environment: str, *, timeout: int) -> None:
        """Change by hand what the template says of the queue of an environment."""
        self.aws("sqs").set_queue_attributes(
            QueueUrl=self._physical(environment, "Orders"),
            Attributes={"VisibilityTimeout": str(timeout)},
        )

    def plant_queue(self, name: str, tags: dict[str, str]) -> None:
        """Make a queue with these tags, as a stack that somebody half removed leaves one."""
        self.aws("sqs").create_queue(QueueName=name, tags=tags)

    def queues(self, prefix: str) -> list[str]:
        """The names of the queues that begin so."""
        urls = self.aws("sqs").list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
        return [url.rpartition("/")[2] for url in urls]

    def snapshots(self, environment: str) -> list[str]:
        """The final snapshots of an environment's database."""
        found = self.aws("rds").describe_db_snapshots()["DBSnapshots"]
        return [
            snapshot["DBSnapshotIdentifier"]
            for snapshot in found
            if _ours(snapshot["DBInstanceIdentifier"], environment)
        ]

    def count(self, environment: str) -> list[str]:
        """All that exists of an environment, asked of each service and of no tag.

        The emulator, as AWS, begins each name with the stack's; security groups alone have their
        own, and carry the stack's as a tag.
        """
        stack = f"lockgate-{environment}"
        stacks = self.aws("cloudformation").describe_stacks()["Stacks"]
        buckets = self.aws("s3").list_buckets()["Buckets"]
        tables = self.aws("dynamodb").list_tables()["TableNames"]
        databases = self.aws("rds").describe_db_instances()["DBInstances"]
        tagged = {"Name": "tag:aws:cloudformation:stack-name", "Values": [stack]}
        groups = self.aws("ec2").describe_security_groups(Filters=[tagged])["SecurityGroups"]
        named = [
            *(each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"),
            *(each["Name"] for each in buckets),
            *self.queues(stack),
            *tables,
            *(each["DBInstanceIdentifier"] for each in databases),
        ]
        found = [name for name in named if _ours(name, environment)]
        return found + [group["GroupId"] for group in groups]

    def past(self, environment: str) -> tuple[list[str], dict[str, int]]:
        """The stacks that ever had the name, and how often each thing in them was deleted."""
        cloud = self.aws("cloudformation")
        named = f"lockgate-{environment}"
        listed = cloud.list_stacks()["StackSummaries"]
        stacks = [stack["StackId"] for stack in listed if stack["StackName"] == named]
        ends = Counter(
            event["LogicalResourceId"]
            for stack in stacks
            for event in cloud.describe_stack_events(StackName=stack)["StackEvents"]
            if event["ResourceStatus"] == "DELETE_COMPLETE"
        )
        return stacks, dict(ends)

    def _physical(self, environment: str, logical: str) -> str:
        found = self.aws("cloudformation").describe_stack_resource(
            StackName=f"lockgate-{environment}", LogicalResourceId=logical
        )
        physical: str = found["StackResourceDetail"]["PhysicalResourceId"]
        return physical


def _ours(name: str, environment: str) -> bool:
    """`lockgate-pr-1` itself, and `lockgate-pr-1-uploads-…`, but nothing of `pr-10`."""
    stack = f"lockgate-{environment}"
    return name == stack or name.startswith(f"{stack}-")
