"""Who knows what carries our tags: AWS's list of all tags, and services that it is late about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from activities.environments.kinds import Tags, tags_of
from activities.environments.provisioner import AwsClients
from workflows.domain.environments.census import Tag

_PAGE = 100
# As many ids as one filter takes.
_IDS = 200


@dataclass(frozen=True)
class Marked:
    """One resource with our tags, by its ARN."""

    arn: str
    tags: Tags


@dataclass(frozen=True)
class Page:
    """A part of a list, and where it goes on; an empty *next* is the end."""

    marked: tuple[Marked, ...]
    next: str = ""


class Source(Protocol):
    """One list of what carries the tag of an environment; raises what botocore raises."""

    @property
    def name(self) -> str: ...

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        """A page of what is tagged for *environment*, or for any where that is None."""


class EveryTag:
    """The Resource Groups Tagging API: most services, a little late about what came or went."""

    name = "tagging"

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        values = {} if environment is None else {"Values": [environment]}
        answer = clients("resourcegroupstaggingapi").get_resources(
            TagFilters=[{"Key": Tag.ENVIRONMENT.value, **values}],
            ResourcesPerPage=_PAGE,
            PaginationToken=token,
        )
        found = (
            Marked(each["ResourceARN"], tags_of(each.get("Tags", ())))
            for each in answer["ResourceTagMappingList"]
        )
        return Page(tuple(found), answer.get("PaginationToken", ""))


class Ec2Tags:
    """EC2's own list of tags, which is never late."""

    name = "ec2"

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        ec2 = clients("ec2")
        filters = [{"Name": "key", "Values": [Tag.ENVIRONMENT.value]}]
        if environment is not None:
            filters.append({"Name": "value", "Values": [environment]})
        more = {"NextToken": token} if token else {}
        answer = ec2.describe_tags(Filters=filters, MaxResults=_IDS, **more)
        types = {each["ResourceId"]: each["ResourceType"] for each in answer["Tags"]}
        if not types:
            return Page((), answer.get("NextToken") or "")
        tags = _every_ec2_tag(ec2, list(types))
        account = clients("sts").get_caller_identity()["Account"]
        where = f"arn:{ec2.meta.partition}:ec2:{ec2.meta.region_name}:{account}"
        found = (Marked(f"{where}:{type_}/{id_}", tags[id_]) for id_, type_ in types.items())
        return Page(tuple(found), answer.get("NextToken") or "")


class Databases:
    """RDS's own list of instances and clusters, which is never late and cannot be asked by tag."""

    def __init__(self, name: str, call: str, key: str, arn: str) -> None:
        """*call* answers with a list *key*, of which each names its own ARN as *arn*."""
        self.name = name
        self._call, self._key, self._arn = call, key, arn

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        more = {"Marker": token} if token else {}
        answer = getattr(clients("rds"), self._call)(MaxRecords=_PAGE, **more)
        listed = (
            Marked(each[self._arn], tags_of(each.get("TagList", ()))) for each in answer[self._key]
        )
        return Page(_carrying(listed, environment), answer.get("Marker") or "")


class ScalingGroups:
    """Auto Scaling's groups, which the Tagging API does not know."""

    name = "autoscaling"

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        by: dict[str, Any] = {"Name": "tag-key", "Values": [Tag.ENVIRONMENT.value]}
        if environment is not None:
            by = {"Name": f"tag:{Tag.ENVIRONMENT}", "Values": [environment]}
        more = {"NextToken": token} if token else {}
        answer = clients("autoscaling").describe_auto_scaling_groups(
            Filters=[by], MaxRecords=_PAGE, **more
        )
        listed = (
            Marked(each["AutoScalingGroupARN"], tags_of(each["Tags"]))
            for each in answer["AutoScalingGroups"]
        )
        return Page(_carrying(listed, environment), answer.get("NextToken") or "")


class StackTags:
    """CloudFormation's stacks, also those whose creation has not begun."""

    name = "stacks"

    def page(self, clients: AwsClients, environment: str | None, token: str) -> Page:
        more = {"NextToken": token} if token else {}
        answer = clients("cloudformation").describe_stacks(**more)
        listed = (
            Marked(each["StackId"], tags_of(each.get("Tags", ()))) for each in answer["Stacks"]
        )
        return Page(_carrying(listed, environment), answer.get("NextToken") or "")


ONE: tuple[Source, ...] = (
    EveryTag(),
    Ec2Tags(),
    Databases("rds", "describe_db_instances", "DBInstances", "DBInstanceArn"),
    Databases("rds clusters", "describe_db_clusters", "DBClusters", "DBClusterArn"),
    ScalingGroups(),
)
"""Where one environment is looked for; its stack is found by name."""

ALL: tuple[Source, ...] = (*ONE, StackTags())
"""Where environments are looked for whose names nobody knows."""


def _carrying(listed: Iterable[Marked], environment: str | None) -> tuple[Marked, ...]:
    return tuple(each for each in listed if _is_of(each.tags, environment))


def _is_of(tags: Tags, environment: str | None) -> bool:
    found = tags.get(Tag.ENVIRONMENT)
    return found is not None and environment in {None, found}


def _every_ec2_tag(ec2: Any, ids: Sequence[str]) -> Mapping[str, dict[str, str]]:
    """All tags of each: asked by one tag, EC2 tells that one alone."""
    tags: dict[str, dict[str, str]] = {id_: {} for id_ in ids}
    asked: dict[str, Any] = {"Filters": [{"Name": "resource-id", "Values": list(ids)}]}
    while True:
        answer = ec2.describe_tags(**asked)
        for each in answer["Tags"]:
            tags[each["ResourceId"]][each["Key"]] = each["Value"]
        if not answer.get("NextToken"):
            return tags
        asked["NextToken"] = answer["NextToken"]
