"""What Temporal starts by the clock: a story, when, and what is done where starts meet."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, JsonValue, StringConstraints, model_validator

from workflows.domain.cron import parse_cron
from workflows.domain.durations import Duration, write_duration
from workflows.domain.spec.document import Document
from workflows.domain.spec.window import TimeZone
from workflows.domain.values import SpecPart

PREFIX = "lockgate-"
"""What the names of our schedules begin with, so that one that nobody declares is found."""

_SHORTEST = timedelta(seconds=30)
_LEAST_CATCHUP = timedelta(seconds=10)


def _check_cron(text: str) -> str:
    parse_cron(text)
    return text


CronText = Annotated[str, AfterValidator(_check_cron)]
"""Minute, hour, day of the month, month and day of the week: `30 2 * * 1-5`."""


class StartsSpec(SpecPart):
    """A story that is started by the clock; nothing of how it is started is left to a default."""

    why: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What it is for, as a person reads it beside every run."""
    story: str
    """The story, by its name: `SweepWorkflow`."""
    workflow_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9/.-]{0,99}$")]
    """What its runs are called; the time of each is added."""
    input: dict[str, JsonValue] = {}
    """What the story is told; a field that it does not know is refused."""
    every: Duration | None = None
    """So much from one start to the next."""
    cron: CronText | None = None
    """The times of day, instead of `every`: `30 2 * * *` is every night at half past two."""
    time_zone: TimeZone | None = None
    """Whose clock `cron` is read by: an IANA name, or UTC."""
    overlap: Literal["skip", "bufferOne", "cancelOther"]
    """What happens to a start that falls due while one runs: dropped, kept for afterwards, or the
    one that runs is cancelled for it."""
    catchup: Duration
    """How late a start may be made up for after an outage; older ones are dropped."""
    jitter: Duration
    """Each start is later by a random part of this, so that not all begin at once."""

    @model_validator(mode="after")
    def _one_clock(self) -> Self:
        if (self.every is None) == (self.cron is None):
            raise ValueError("say when with one of every and cron")
        if (self.cron is None) != (self.time_zone is None):
            raise ValueError("cron and timeZone go together: say whose clock it is read by")
        if self.every is not None and self.every < _SHORTEST:
            raise ValueError(f"every is shorter than {write_duration(_SHORTEST)}")
        if self.every is not None and self.jitter >= self.every:
            raise ValueError("jitter is as long as every: starts would come in any order")
        if self.catchup < _LEAST_CATCHUP:
            raise ValueError(f"catchup is shorter than {write_duration(_LEAST_CATCHUP)}")
        return self


class Schedule(Document):
    """What Temporal starts by the clock: a story, when, and what is done where starts meet."""

    kind: Literal["Schedule"]
    spec: StartsSpec

    @model_validator(mode="after")
    def _ours(self) -> Self:
        if not self.metadata.name.startswith(PREFIX):
            raise ValueError(
                f"the name of a schedule begins with {PREFIX}, which tells it from those of others"
            )
        return self
