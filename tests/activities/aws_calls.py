"""What boto3 itself says of the calls that are written down for an AWS service."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import boto3


def calls_of(protocol: type) -> dict[str, Callable[..., Any]]:
    """The calls of *protocol* by name, without what Python adds to a protocol."""
    return {
        name: call
        for name, call in vars(protocol).items()
        if inspect.isfunction(call) and not name.startswith("__")
    }


def changes_of(protocol: type) -> set[str]:
    """The calls that change something."""
    looks = ("batch_", "describe_", "get_", "list_")
    return {name for name in calls_of(protocol) if not name.startswith(looks)}


def unlike_boto3(service: str, protocol: type) -> list[str]:
    """What boto3 would refuse of *protocol*, as a client of *service*: a line each."""
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    found = [line for name, call in calls_of(protocol).items() for line in _of(client, name, call)]
    client.close()
    return found


def _of(client: Any, name: str, call: Callable[..., Any]) -> Iterator[str]:
    operation = client.meta.method_to_api_mapping.get(name)
    if operation is None:
        yield f"{name} is no call"
        return
    shape = client.meta.service_model.operation_model(operation).input_shape
    _self, *parameters = inspect.signature(call).parameters.values()
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    named = {p.name: p.kind for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD}
    yield from (f"{name} takes no {one}" for one in sorted(named.keys() - shape.members.keys()))
    if not open_ended:
        missing = sorted(set(shape.required_members) - named.keys())
        yield from (f"{name} needs {one}" for one in missing)
    for one, kind in named.items():
        if kind is not inspect.Parameter.KEYWORD_ONLY:
            yield f"{name} takes {one} by keyword only"
