"""What is known of one type of resource: its ARN, its tags, and how it is deleted."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

from workflows.domain.errors import Refused

Tags = Mapping[str, str]


class Rank(IntEnum):
    """The order of deletion: what uses others goes before what it uses."""

    DRIVERS = 0
    """What starts others, and would again."""
    COMPUTE = 1
    GROUPS = 2
    """What holds compute together."""
    ATTACHMENTS = 3
    """What is attached to compute, and free once that is gone."""
    STORES = 4
    FIREWALLS = 5
    SUBNETS = 6
    ROUTES = 7
    NETWORKS = 8
    IDENTITIES = 9
    """Roles and keys, which everything before may have used."""


@dataclass(frozen=True)
class Thing:
    """One resource by its ARN; *id* is the part that names it to its own service."""

    arn: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of resource. *read* and *delete* raise what botocore raises."""

    type: str
    """As CloudFormation names it."""
    service: str
    """As boto3 names its client."""
    arn: str
    """What follows the partition in its ARN: `sqs:{region}:{account}:{id}`."""
    rank: Rank
    read: Callable[[Any, Thing], Tags | None]
    """The tags that it has now, by its own service; None where it is gone, or as good as gone."""
    delete: Callable[[Any, Thing], None]
    """Begin its deletion; some take minutes until `read` finds nothing."""
    ids: str = r"[^:/]+"
    """The pattern of *id*."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        escaped = re.escape(self.arn).replace(r"\{", "{").replace(r"\}", "}")
        parts = {"region": "[^:]*", "account": "[^:]*", "uuid": "[^:]+", "id": f"({self.ids})"}
        for name, pattern in parts.items():
            escaped = escaped.replace(f"{{{name}}}", pattern)
        return re.compile(rf"arn:[^:]+:{escaped}(?::\*)?")

    def thing(self, arn: str) -> Thing | None:
        """The resource of this type that *arn* names; None where it names another type."""
        found = self._pattern.fullmatch(arn)
        return Thing(arn, found[1]) if found else None

    def arn_of(self, physical: str, *, beside: str) -> str:
        """The ARN of what its stack calls *physical*, in the account and region of *beside*."""
        if physical.startswith("arn:") or "{uuid}" in self.arn:
            return physical
        named = physical.rsplit("/", 1)[-1] if "://" in physical else physical
        if self.arn.endswith("/{id}"):
            named = named.lstrip("/")  # the name of a parameter begins with one
        _arn, partition, _service, region, account, *_ = beside.split(":", 5)
        rest = self.arn.format(region=region, account=account, id=named)
        return f"arn:{partition}:{rest}"


def tags_of(items: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> Tags:
    """A service's list of tags as a mapping; some spell the two words otherwise."""
    return {item[key]: item.get(value, "") for item in items}


def keep(_client: Any, thing: Thing) -> None:
    raise Refused(
        f"{thing.arn} is a snapshot, which is never deleted here; delete it by hand, or tag it "
        "lockgate:snapshot-of to keep it"
    )


def deleted_by(call: str, name: str) -> Callable[[Any, Thing], None]:
    """Deletes by the one *call* of the service that takes the id as its argument *name*."""

    def delete(client: Any, thing: Thing) -> None:
        getattr(client, call)(**{name: thing.id})

    return delete
