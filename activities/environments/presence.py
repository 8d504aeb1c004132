"""Asking a resource's own service whether it is there, and what tags it has."""

from activities.aws import in_release_words
from activities.environments.kinds import KINDS, Kind, Tags, Thing, kind_of
from activities.environments.provisioner import AwsClients
from activities.environments.sources import Marked
from workflows.domain.environments.census import Resource
from workflows.domain.errors import Refused, TargetMissing

# What CloudFormation makes up for its templates, and what calls somebody's function: no resource.
_OF_THE_STACK = ("AWS::CloudFormation::", "Custom::", "AWS::CDK::")


def tags_now(clients: AwsClients, kind: Kind, thing: Thing) -> Tags | None:
    """Its tags as its own service has them; None where it is gone.

    Raises:
        Unavailable: the service does not answer, or throttles.
        Refused: the service does not let it be read.
    """
    try:
        with in_release_words(f"{kind.service}: tags of {thing.arn}"):
            return kind.read(clients(kind.service), thing)
    except TargetMissing:
        return None


def told_or_true(clients: AwsClients, marked: Marked) -> Tags | None:
    """The tags by its own service, None where it is gone; what was told where nobody can say.

    Raises:
        Unavailable: the service does not answer, or throttles.
    """
    if (known := kind_of(marked.arn)) is None:
        return marked.tags
    try:
        return tags_now(clients, *known)
    except Refused:
        return marked.tags


def is_there(clients: AwsClients, left: Resource) -> bool:
    """Whether what a stack *left* is there; what nobody can tell of counts as there.

    Types that are not known here are asked for at Cloud Control, which knows most by the id that
    their stacks have.

    Raises:
        Unavailable: a service does not answer, or throttles.
    """
    if kind_of(left.id):
        return told_or_true(clients, Marked(left.id, {})) is not None
    if left.type not in KINDS and left.type.startswith(_OF_THE_STACK):
        return False
    try:
        with in_release_words(f"cloudcontrol: get {left}"):
            clients("cloudcontrol").get_resource(TypeName=left.type, Identifier=left.id)
    except TargetMissing:
        return False
    except Refused:
        return True
    return True
