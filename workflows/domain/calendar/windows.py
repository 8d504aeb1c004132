"""Windows as rulings go by them: what they bar, when, and what is then to be done."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from workflows.domain.audit import Moment
from workflows.domain.calendar.recurrence import Recurrence
from workflows.domain.calendar.scope import Place, Scope
from workflows.domain.calendar.spans import Span
from workflows.domain.values import Digest, Name, Value, View


class WindowKind(StrEnum):
    """Deny bars while it is on. Allow bars while none of them is on; Deny wins over it."""

    ALLOW = "Allow"
    DENY = "Deny"


class Move(StrEnum):
    """What a window can bar. Rollback, reconcile and abort are no moves: nothing bars them."""

    START = "start"
    ADVANCE = "advance"
    APPROVE = "approve"


class InFlight(StrEnum):
    """What a release does that is under way when a window bars it, from mild to strict."""

    COMPLETE = "complete"
    HOLD = "hold"
    UNWIND = "unwind"


class OverrideRule(Value):
    """Who may set a window aside: so many of `people`, for at most so long."""

    approvers: int = 2
    roles: tuple[str, ...] = ()
    """One of these each; without any, everybody the catalog knows."""
    max_duration: timedelta = timedelta(hours=4)
    retrospective: timedelta = timedelta(days=3)
    """How soon it must have been looked back on."""

    def __str__(self) -> str:
        of = f" of role {' or '.join(self.roles)}" if self.roles else ""
        return f"lockgate override, by {self.approvers}{of}"


class NamedSpan(Span):
    """An event of a calendar, and what it says it is."""

    summary: str = ""


class WindowRule(Value):
    """One window, or one calendar of them.

    When it is on is said by exactly one of `recurrence`, `spans` and `feed`; spans are all there
    are until `known_until`, and nothing is known of what comes later.
    """

    name: str
    source: str
    """What declares it: `ChangeWindow year-end`, `Calendar audits`, `freeze incident-7`."""
    kind: WindowKind = WindowKind.DENY
    reason: str = ""
    scope: Scope = Scope()
    labels: dict[str, str] = {}
    moves: tuple[Move, ...] = (Move.START, Move.ADVANCE)
    in_flight: InFlight = InFlight.COMPLETE
    weight: float | None = None
    """What an hour in it costs, of a window that bars nothing; None bars."""
    override: OverrideRule | None = None
    cleared_by: tuple[str, ...] = ()
    """Who can clear it for good, as people say it."""
    recurrence: Recurrence | None = None
    spans: tuple[NamedSpan, ...] = ()
    known_until: AwareDatetime | None = None
    endless: bool = False
    """Whether the end of its span is only how far was looked: it is on until it is lifted."""
    feed: str | None = None
    """The connection of a feed; its spans are among the facts."""

    def concerns(self, place: Place) -> bool:
        return place.within(self.scope, self.labels)

    @property
    def who_clears(self) -> tuple[str, ...]:
        return self.cleared_by + ((str(self.override),) if self.override else ())


class Freeze(View):
    """A freeze that somebody declared, as the ledger has it; without an end until it is lifted."""

    name: Name
    reason: str = Field(min_length=1, max_length=400)
    declared_by: str
    declared_at: Moment
    scope: Scope = Scope()
    start_at: Moment
    end_at: Moment | None = None
    moves: tuple[Move, ...] = (Move.START, Move.ADVANCE)
    in_flight: InFlight = InFlight.HOLD
    lifted_at: Moment | None = None
    lifted_by: str | None = None

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.end_at is not None and self.end_at <= self.start_at:
            raise ValueError(f"ends at {self.end_at}, not after its start at {self.start_at}")
        return self

    def rule(self, horizon: datetime) -> WindowRule | None:
        """The window that it makes until *horizon*; None once it is lifted."""
        end = self.end_at or max(horizon, self.start_at + timedelta(days=1))
        if self.lifted_at is not None or end <= self.start_at:
            return None
        return WindowRule(
            name=self.name,
            source=f"freeze {self.name}",
            reason=f"{self.reason} (declared by {self.declared_by})",
            scope=self.scope,
            moves=self.moves,
            in_flight=self.in_flight,
            override=OverrideRule(),
            cleared_by=(f"{self.declared_by}: lockgate freeze lift {self.name}",),
            spans=(NamedSpan(start_at=self.start_at, end_at=end),),
            endless=self.end_at is None,
        )


STOP_THE_LINE = "stop-the-line"
"""The freeze that is about everything, until it is lifted."""


class FeedReading(View):
    """What a feed said, or that it could not be had; `digest` is of its text."""

    connection: str
    digest: Digest | None = None
    fetched_at: AwareDatetime | None = None
    spans: tuple[NamedSpan, ...] = ()
    known_until: AwareDatetime | None = None
    problem: str = ""
    """Why there is nothing to go by, or why it is an older copy."""

    @property
    def usable(self) -> bool:
        return self.digest is not None


class CalendarFacts(Value):
    """What was read for a ruling on time: the freezes of the ledger, and the feeds."""

    freezes: tuple[Freeze, ...] = ()
    feeds: dict[str, FeedReading] = {}


class Granted(Value):
    """A window set aside, by whom, why, and until when."""

    window: str
    by: tuple[str, ...]
    reason: str
    granted_at: AwareDatetime
    expires_at: AwareDatetime
    retrospective_by: AwareDatetime

    def __str__(self) -> str:
        return (
            f"{self.window} is set aside by {' and '.join(self.by)} "
            f"until {self.expires_at:%Y-%m-%d %H:%MZ}: {self.reason}"
        )
