"""Clients of AWS that answer as they are told, each service in its own order; nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.stub import Stubber

from activities.environments.kinds import kind_of
from activities.environments.presence import tags_now
from tests.activities.metrics.scripted import ScriptedPace
from workflows.domain.environments.census import Resource
from workflows.domain.values import Provider

__all__ = ["ACCOUNT", "ENVIRONMENT", "OURS", "STACK", "ScriptedPace", "Stubs", "stubs"]

ACCOUNT = "111122223333"
ENVIRONMENT = "pr-7"
PREVIEW = Provider(type="cloudformation", connection="preview")
OURS = {"lockgate:environment": ENVIRONMENT}
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/lockgate-pr-7/1"
HELD = {**OURS, "lockgate:hold": "an auditor asks"}
SNAPSHOT = {**OURS, "lockgate:snapshot-of": ENVIRONMENT}


def tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{rest}"


def queue(name: str) -> Resource:
    return Resource(id=arn("sqs", name), type="AWS::SQS::Queue", tags=OURS)


class Stubs:
    """The clients of one connection, as the provisioner is given them."""

    def __init__(self) -> None:
        self._stubbers: dict[str, Stubber] = {}

    def __call__(self, service: str) -> Any:
        return self._of(service).client

    def answers(self, service: str, call: str, answer: Any = None, **asked: Any) -> None:
        """*call* is made next of *service*, with just what is *asked* if anything is."""
        self._of(service).add_response(call, answer or {}, asked or None)

    def fails(self, service: str, call: str, code: str, status: int = 400) -> None:
        """*call* is made next of *service*, and refused with AWS's *code*."""
        self._of(service).add_client_error(call, code, "no", http_status_code=status)

    def tagged(self, name: str, given: dict[str, str] | None) -> None:
        """SQS is asked next for the tags of a queue; None where it is gone."""
        if given is None:
            self.fails("sqs", "get_queue_url", "AWS.SimpleQueueService.NonExistentQueue")
            return
        self.answers("sqs", "get_queue_url", {"QueueUrl": f"https://q/{name}"}, QueueName=name)
        self.answers("sqs", "list_queue_tags", {"Tags": given}, QueueUrl=f"https://q/{name}")

    def all_were_asked(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

    def close(self) -> None:
        for stubber in self._stubbers.values():
            stubber.client.close()

    def _of(self, service: str) -> Stubber:
        if service not in self._stubbers:
            client = boto3.client(
                service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
            )
            self._stubbers[service] = Stubber(client)
            self._stubbers[service].activate()
        return self._stubbers[service]


@contextmanager
def stubs() -> Iterator[Stubs]:
    """Clients whose script must have been played to its end."""
    script = Stubs()
    try:
        yield script
        script.all_were_asked()
    finally:
        script.close()


def tags_by(script: Stubs, arn_: str) -> Any:
    """What the kind of *arn_* reads of it."""
    known = kind_of(arn_)
    assert known is not None
    return tags_now(script, *known)


def delete_by(script: Stubs, arn_: str) -> None:
    known = kind_of(arn_)
    assert known is not None
    kind, thing = known
    kind.delete(script(kind.service), thing)
