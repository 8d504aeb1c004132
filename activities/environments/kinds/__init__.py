"""The types of resources that can be looked at and deleted one by one; all else is only told."""

from activities.environments.kinds.compute import COMPUTE
from activities.environments.kinds.databases import DATABASES
from activities.environments.kinds.kind import Kind, Rank, Tags, Thing, tags_of
from activities.environments.kinds.network import NETWORK
from activities.environments.kinds.stores import STORES

__all__ = ["KINDS", "Kind", "Rank", "Tags", "Thing", "kind_of", "tags_of"]

KINDS: dict[str, Kind] = {kind.type: kind for kind in (*COMPUTE, *NETWORK, *DATABASES, *STORES)}
"""By the type as CloudFormation names it."""


def kind_of(arn: str) -> tuple[Kind, Thing] | None:
    """What *arn* names; None where its type is none of these."""
    for kind in KINDS.values():
        if thing := kind.thing(arn):
            return kind, thing
    return None
