"""What a listener of a load balancer holds, asked of AWS and changed there, in our words."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.traffic.alb_rules import DIGEST_TAG, Json, group_name, told
from activities.traffic.elbv2_client import Elbv2
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable

_LOOK_AGAIN = timedelta(seconds=2)

Tags = list[dict[str, str]]
Published = Callable[[str], Mapping[str, str]]
"""Which target group serves each version of a service, ARN by digest, as the platform tells it."""


class AlbListener:
    """Rules by priority, and the target group of each version.

    Where the platform *published* which groups it gave its versions, that is believed; or else
    a group has the name of its version's arm.
    """

    def __init__(
        self,
        client: Callable[[], Elbv2],
        arn: str,
        *,
        healthy_within: timedelta,
        published: Published | None = None,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self.arn = arn
        self._healthy_within = healthy_within
        self._published = published
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

    def expected(self, service: str, shares: Mapping[str, int]) -> dict[str, int]:
        """The shares of versions, by digest, as `by_name` tells those that a rule has."""
        if self._published is None:
            return {group_name(service, digest): weight for digest, weight in shares.items()}
        groups = self._published(service)
        return {groups.get(digest, digest): weight for digest, weight in shares.items()}

    def by_name(self, shares: Mapping[str, int]) -> dict[str, int]:
        """The same shares, by the names of the target groups where those tell the version."""
        if not shares or self._published is not None:
            return dict(shares)
        with in_release_words(f"target groups of listener {self.arn}"):
            answer = self._client().describe_target_groups(TargetGroupArns=list(shares))
        names = {
            each["TargetGroupArn"]: each["TargetGroupName"] for each in answer["TargetGroups"]
        }
        return {names[arn]: weight for arn, weight in shares.items()}

    def group(self, service: str, digest: str) -> str:
        """The ARN of the target group of one version.

        Raises:
            TargetMissing: the platform has made none.
            Refused: the one of that name is tagged with another build, or with none.
        """
        if self._published is not None:
            return self._given(service, digest, self._published(service))
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

    def _given(self, service: str, digest: str, groups: Mapping[str, str]) -> str:
        if digest not in groups:
            raise TargetMissing(
                f"{service}: the platform tells of no target group of version {digest}, only of "
                f"{', '.join(sorted(groups)) or 'none at all'}; install it first, and give its "
                "template target groups"
            )
        return groups[digest]

    def weigh(self, rule: Json, forward: list[Json], tags: Tags) -> None:
        """Say in the tags what *rule* is to do, then let it."""
        with in_release_words(f"weights of {told(rule)}"):
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
        with in_release_words(f"remove {told(rule)}"):
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
