"""When releases may go: windows, calendars of them, and a release's own schedule."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from workflows.domain.calendar.fiscal import FiscalSpec
from workflows.domain.calendar.recurrence import Recurrence, check_rule_text, read_recurrence
from workflows.domain.calendar.scope import Scope
from workflows.domain.calendar.wall import LOCAL, check_written, zone_of
from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.values import FileName, Name, Names, SpecPart

NEVER_BARRED = frozenset({"rollback", "reconcile", "abort"})


def _check_move(written: object) -> object:
    if written in NEVER_BARRED:
        raise ValueError(f"{written} can never be frozen: the way back is always open")
    return written


def _check_zone(name: str) -> str:
    if name != LOCAL:
        zone_of(name)
    return name


def _check_place_zone(name: str) -> str:
    zone_of(name)
    return name


Barred = Annotated[Literal["start", "advance", "approve"], BeforeValidator(_check_move)]
TimeZone = Annotated[str, AfterValidator(_check_place_zone)]
"""A name of the IANA database, such as `Europe/Dublin`."""
WindowZone = Annotated[str, AfterValidator(_check_zone)]
WallTime = Annotated[str, AfterValidator(check_written)]
RRule = Annotated[str, AfterValidator(check_rule_text)]


class EnvironmentScope(SpecPart):
    """Where an environment lies, in the words that windows use."""

    org: Name | None = None
    """Its organisation."""
    region: Name | None = None
    """Its region."""
    team: Name | None = None
    """A team that answers for it, beside the owners of the services in it."""
    time_zone: TimeZone | None = None
    """Its own time of day, for windows whose `tz` is local."""


class SelectorSpec(SpecPart):
    """Picks releases by their labels."""

    match_labels: dict[Name, str] = Field(min_length=1, max_length=20)
    """All of these, as the release's metadata has them."""


class OverrideSpec(SpecPart):
    """Who may set the window aside, and for how long; it is recorded and looked back on."""

    approvers: int = Field(default=2, ge=2, le=10)
    """So many different people, none of whom asked for the release."""
    roles: Names = ()
    """Each of them of one of these roles; without any, everybody of the catalog."""
    max_duration: Duration = Field(default=timedelta(hours=4), gt=timedelta(0))
    """For at most so long."""
    reason: Literal["required"] = "required"
    """There is none without a reason."""
    retrospective: Duration = timedelta(days=3)
    """How soon it must have been looked back on."""


class WindowTerms(SpecPart):
    """What windows and calendars have in common."""

    kind: Literal["Allow", "Deny"] = "Deny"
    """`Deny` bars while it is on, `Allow` while none of them is on; `Deny` wins."""
    reason: str = Field(default="", max_length=200)
    """Why, for those who wait."""
    scope: Scope = Scope()
    """What it is about; without it, everything."""
    selector: SelectorSpec | None = None
    """Which releases it is about, by their labels."""
    actions: tuple[Barred, ...] = Field(default=("start", "advance"), min_length=1)
    """What it bars. `rollback`, `reconcile` and `abort` cannot be barred."""
    in_flight: Literal["complete", "hold", "unwind"] = "complete"
    """What a release under way does when it comes on: go on, stay at its weight, or turn back."""
    override: OverrideSpec | None = None
    """Without it nobody may set the window aside."""
    weight: float | None = Field(default=None, gt=0, le=1_000_000)
    """Makes a conflict soft: it bars nothing, and each hour in it costs so much."""

    @model_validator(mode="after")
    def _soft_only_denies(self) -> Self:
        if self.weight is not None and self.kind == "Allow":
            raise ValueError("weight: only a Deny has one; an Allow is what the others are not")
        return self


class ChangeWindowSpec(WindowTerms):
    """A time in which releases may go, or may not, once or again and again.

    Times are those of a wall clock: what does not exist on the day the clock jumps is read with
    the offset from before, what comes twice is the first. The end is no part of it.
    """

    dtstart: WallTime
    """`TZID=Europe/Dublin:20261214T090000`, in UTC with a `Z`, or local to `tz`."""
    dtend: WallTime | None = None
    """When the first occurrence is over; or give `duration`."""
    duration: Duration | None = None
    """How long each lasts, on the wall clock; or give `dtend`."""
    rrule: RRule | None = None
    """How it comes again (RFC 5545): `FREQ=WEEKLY;BYDAY=MO,TU`."""
    tz: WindowZone | None = None
    """The zone of times that name none; `local` is the zone of each environment."""

    @model_validator(mode="after")
    def _is_one_time(self) -> Self:
        _ = self.recurrence
        return self

    @property
    def recurrence(self) -> Recurrence:
        return read_recurrence(
            self.dtstart, dtend=self.dtend, lasts=self.duration, rule=self.rrule, tz=self.tz
        )


class FeedSpec(SpecPart):
    """A calendar that is fetched; the workers' settings know its address."""

    connection: Name
    """What the workers' settings call it."""
    max_age: Duration = Field(default=timedelta(hours=24), gt=timedelta(0))
    """How old the last good copy may be where it cannot be fetched; then nothing is open."""


class CalendarSpec(WindowTerms):
    """A calendar whose events are windows: a file, a feed, or a generated one."""

    ics: FileName | None = None
    """An iCalendar file beside this document."""
    feed: FeedSpec | None = None
    """An iCalendar feed."""
    fiscal: FiscalSpec | None = None
    """The closes of a fiscal year of whole weeks."""
    time_zone: TimeZone | None = None
    """Whose days the calendar's whole days are."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [name for name in ("ics", "feed", "fiscal") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give one of ics, feed and fiscal; found {', '.join(given) or 'none'}"
            )
        if self.fiscal is not None and self.time_zone is None:
            raise ValueError("fiscal: say with timeZone whose days the fiscal year counts")
        return self


class ScheduleSpec(SpecPart):
    """When the release may be made, beside what windows say."""

    not_before: AwareDatetime | None = None
    """No environment begins before."""
    deadline: AwareDatetime | None = None
    """Every environment is done by then, the reserve included; what is not is turned back."""
    rollback_reserve: Duration = timedelta(minutes=30)
    """Time to turn back that must still fit into the slot."""

    @model_validator(mode="after")
    def _is_ahead(self) -> Self:
        if self.not_before and self.deadline and self.deadline <= self.not_before:
            raise ValueError(f"deadline {self.deadline} is not after notBefore {self.not_before}")
        return self


class ChangeWindow(Document):
    kind: Literal["ChangeWindow"]
    spec: ChangeWindowSpec


class Calendar(Document):
    kind: Literal["Calendar"]
    spec: CalendarSpec
