"""What a listener of a load balancer holds, asked of AWS and changed there, in our words."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.traffic.alb_rules import DIGEST_TAG, Json, group_name, named
from activities.traffic.elbv2_client import Elbv2
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable

_LOOK_AGAIN = timedelta(seconds=2)

Tags = list[dict[str, str]]
GroupsOf = Callable[[str], Mapping[str, str]]
"""Tells the target group of each version of a service, by digest."""


class AlbListener:
    """Rules by priority, and the target groups that the platform makes for each version."""

    def __init__(
        self,
        client: Callable[[], Elbv2],
        arn: str,
        *,
        healthy_within: timedelta,
        groups: GroupsOf | None = None,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self.arn = arn
        self._healthy_within = healthy_within
        self._groups = groups
        self._clock, self._rest = clock, rest

    def rules(self) -> dict[str, Json]:
        """All rules by their priority, however many pages they are on."""
        return {rule["Priority"]: rule for rule in self._pages()}

    def tags(self, arn: str) -> dict[str, str]:
        """Our own tags of a rule or target group."""
        with in_release_words(f"tags of {arn}"):
            (described,) = self._client().describe_tags(ResourceArns=[arn])["TagDescriptions"]
        found = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
        return {key: value for key, value in found.items() if key.startswith("lockgate:")}

    def group(self, service: str, digest: str) -> str:
        """The ARN of the target group of one version, as the platform tells, or else by its name.

        Raises:
            TargetMissing: the platform has none for it.
            Refused: the one of that name is tagged with another build, or with none.
        """
        if self._groups is not None:
            return self._told_by_platform(self._groups(service), service, digest)
        name = group_name(service, digest)
        asking = f"{service}: target group {name} of version {digest}, which the platform makes"
        with in_release_words(asking):
            answer = self._client().describe_target_groups(Names=[name])
        (group,) = answer["TargetGroups"]
        arn: str = group["TargetGroupArn"]
        if (tagged := self.tags(arn).get(DIGEST_TAG)) != digest:
            raise Refused(
                f"{asking}: expected tag {DIGEST_TAG} = {digest}, found {tagged or 'none'}; tag "
                "the target group with the build that its targets run"
            )
        return arn

    def _told_by_platform(self, groups: Mapping[str, str], service: str, digest: str) -> str:
        if digest not in groups:
            raise TargetMissing(
                f"{service}: version {digest} does not run with a target group: the platform has "
                f"one for {', '.join(sorted(groups)) or 'no version'}; install it first"
            )
        return groups[digest]

    def weigh(self, rule: Json, forward: list[Json], tags: Tags) -> None:
        """Say in the tags what *rule* is to do, then let it."""
        with in_release_words(f"weights of {named(rule)}"):
            self._client().add_tags(ResourceArns=[rule["RuleArn"]], Tags=tags)
            self._client().modify_rule(RuleArn=rule["RuleArn"], Actions=forward)

    def create(self, priority: int, asked: list[Json], forward: list[Json], tags: Tags) -> None:
        """Make a rule, with its tags in one call.

        Raises:
            Diverged: somebody else has taken the priority since it was looked at.
        """
        with in_release_words(f"rule with priority {priority} of {self.arn}"):
            try:
                self._client().create_rule(
                    ListenerArn=self.arn,
                    Priority=priority,
                    Conditions=asked,
                    Actions=forward,
                    Tags=tags,
                )
            except ClientError as error:
                if error_code(error) != "PriorityInUse":
                    raise
                raise Diverged(
                    f"priority {priority} of {self.arn} was free a moment ago and is taken now; "
                    "give the service another priority, or try again"
                ) from error

    def delete(self, rule: Json) -> None:
        with in_release_words(f"remove {named(rule)}"):
            self._client().delete_rule(RuleArn=rule["RuleArn"])

    def until_healthy(self, service: str, groups: Mapping[str, str]) -> None:
        """Wait until each of these versions has a target that can take requests.

        Raises:
            Unavailable: one of them has none in time; the message says what its targets are.
        """
        deadline = self._clock() + self._healthy_within.total_seconds()
        for digest, group in sorted(groups.items()):
            while "healthy" not in (states := self._states(group)):
                if self._clock() >= deadline:
                    raise Unavailable(
                        f"{service}: version {digest} has no healthy target after "
                        f"{self._healthy_within}: its targets are {_list(states)}"
                    )
                self._rest(_LOOK_AGAIN.total_seconds())

    def _states(self, group: str) -> list[str]:
        with in_release_words(f"health of target group {group}"):
            answer = self._client().describe_target_health(TargetGroupArn=group)
        return [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]]

    def _pages(self) -> Iterator[Json]:
        start: dict[str, str] = {}
        while True:
            with in_release_words(f"rules of listener {self.arn}"):
                page = self._client().describe_rules(ListenerArn=self.arn, **start)
            yield from page["Rules"]
            if not page.get("NextMarker"):
                return
            start = {"Marker": page["NextMarker"]}


def _list(states: Iterable[str]) -> str:
    return ", ".join(sorted(states)) or "none at all"
