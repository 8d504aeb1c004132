"""How risk is counted: what each fact weighs, where the levels begin, and what earns trust."""

from datetime import timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from workflows.domain.durations import Duration
from workflows.domain.spec.document import Document
from workflows.domain.values import Percent, Provider, SpecPart

Weight = Annotated[float, Field(ge=0, le=100)]
"""Points for one of something; never negative, so that more of it is never less risk."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone such as Europe/Dublin") from error
    return name


Zone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
"""A name of the IANA time zone database."""


class OnCallSpec(Provider):
    """Who is woken for a service, and where that was written down."""

    service: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """What the pager calls the service, such as an id; its own name if left out."""
    schedule: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """The pager's schedule, which tells when the shift began."""
    time_zone: Zone = "UTC"
    """Where those on call sleep: a page from 23:00 to 07:00 there woke somebody."""


class ChurnWeights(SpecPart):
    """Files that changed often before, changed again."""

    per_commit: Weight = 0.1
    """For each commit to a touched file in the 90 days before the change."""
    per_author: Weight = 0.5
    """For each author of a touched file beyond the first, in those days."""
    per_incident: Weight = 3
    """For each revert, incident or release turned back that touched the file, in those days."""
    cap: Weight = 20
    """The most that all files add; also what unknown churn adds."""


class CoverageWeights(SpecPart):
    """How much of what was changed is run by tests; between the two it is a straight line."""

    full: float = Field(default=-6, ge=-100, le=100)
    """Points where every changed line is covered; negative lowers the risk."""
    none: Weight = 14
    """Points where none is, and where nobody knows."""

    @model_validator(mode="after")
    def _rewards_tests(self) -> Self:
        if self.full > self.none:
            raise ValueError(
                f"full {self.full:g} is more than none {self.none:g}: tests would cost"
            )
        return self


class FatigueWeights(SpecPart):
    """How tired those are who would have to repair it; the worst of the services counts."""

    per_page: Weight = 1
    """For each page in the last 24 hours, and half of it for each in the 48 hours before."""
    per_night: Weight = 4
    """For each of the last three nights in which somebody was woken."""
    fresh_shift: Weight = 3
    """Where the shift began less than `freshFor` ago: they do not know yet what goes on."""
    fresh_for: Duration = timedelta(hours=4)
    """How long a shift is fresh."""
    cap: Weight = 15
    """The most that fatigue adds; also what an unknown pager adds."""


class CountWeights(SpecPart):
    """So many points for each, up to a cap."""

    each: Weight
    """Points for each one."""
    cap: Weight
    """The most that all of them add; also what an unknown number adds."""


class MigrationWeights(SpecPart):
    """What the change does to stored data; the worst of the services counts."""

    expand: Weight = 4
    """Adds what old code does not see."""
    backfill: Weight = 8
    """Rewrites rows."""
    contract: Weight = 15
    """Removes what old code may need; also a touched schema of which nothing is said."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if not self.expand <= self.backfill <= self.contract:
            raise ValueError("expand, backfill and contract must not fall: each is harder to undo")
        return self


class HourWeights(SpecPart):
    """When nobody is there to help, a mistake lasts longer."""

    time_zone: Zone = "UTC"
    """Where the helpers work."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu")
    """Days on which they are at work for the whole of the next day, too."""
    from_hour: int = Field(default=9, ge=0, le=23)
    """The first full hour at work."""
    until_hour: int = Field(default=16, ge=1, le=24)
    """The hour at which it is too late in the day."""
    otherwise: Weight = 8
    """Points at every other hour."""


class LevelBounds(SpecPart):
    """Where a score begins to be medium, and high."""

    medium: Percent = 35
    """The lowest score that is medium."""
    high: Percent = 60
    """The lowest score that is high."""

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if not 0 < self.medium < self.high:
            raise ValueError(f"medium {self.medium} must be above 0 and below high {self.high}")
        return self


class EarnedSpec(SpecPart):
    """What makes a pattern of changes standard."""

    clean_runs: int = Field(default=5, ge=2, le=100)
    """So many releases of the pattern in a row that stayed, each of low risk."""
    within: Duration = timedelta(days=180)
    """A clean run that is older counts no longer."""


class CalibrationSpec(SpecPart):
    """From when on the score may decide something."""

    outcomes: int = Field(default=50, ge=20, le=100_000)
    """So many ended releases must be known."""
    failures: int = Field(default=5, ge=2, le=10_000)
    """So many of them must have failed, and as many must not."""


class EmergencySpec(SpecPart):
    """What an emergency costs afterwards."""

    retrospective: Duration = timedelta(days=3)
    """How soon after its end somebody must have written down what was found."""


class RiskModelSpec(SpecPart):
    """The weights; without a document of this kind, the defaults shown here count."""

    base: Weight = 10
    """What every change risks."""
    churn: ChurnWeights = ChurnWeights()
    """Files that changed often."""
    coverage: CoverageWeights = CoverageWeights()
    """Tests of the changed lines."""
    fatigue: FatigueWeights = FatigueWeights()
    """Those on call."""
    dependants: CountWeights = CountWeights(each=1, cap=10)
    """Services that call a changed one, also through others."""
    migration: MigrationWeights = MigrationWeights()
    """Stored data."""
    concurrent: CountWeights = CountWeights(each=4, cap=8)
    """Releases under way at the same time."""
    hour: HourWeights = HourWeights()
    """The hour of the week."""
    levels: LevelBounds = LevelBounds()
    """Low, medium, high."""
    earned: EarnedSpec = EarnedSpec()
    """How a pattern becomes standard."""
    calibration: CalibrationSpec = CalibrationSpec()
    """When the score may decide."""
    emergency: EmergencySpec = EmergencySpec()
    """What follows an emergency."""


class RiskModel(Document):
    kind: Literal["RiskModel"]
    spec: RiskModelSpec
