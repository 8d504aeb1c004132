"""Escalation: whom a wait is put to, who is reminded, and who is asked next."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.domain.spec.escalation import EscalateTo
from workflows.domain.spec.policy import PersonSpec
from workflows.domain.values import Value, View

REMINDERS = 50
"""Of one wait at most: who did not hear fifty does not hear the next, and each costs history."""


class EscalationLevel(Value):
    """Who is asked once those before them have had *after* without an answer."""

    to: str
    people: tuple[str, ...] = ()
    after: timedelta

    def __str__(self) -> str:
        return named(self.to, self.people)


class EscalationRule(Value):
    """The levels of a wait, in order; whoever has it is reminded every *remind_every*."""

    levels: tuple[EscalationLevel, ...] = ()
    remind_every: timedelta | None = None


class NoticeKind(StrEnum):
    REMINDED = "reminded"
    ESCALATED = "escalated"


class Notice(View):
    """Somebody was told of a wait, or will be: the one who has it already, or the next."""

    kind: NoticeKind
    at: datetime
    to: str
    level: int
    """0 is whom the wait is put to first."""

    def __str__(self) -> str:
        verb = "remind" if self.kind is NoticeKind.REMINDED else "escalate to"
        return f"{verb} {self.to}"


class EscalationView(View):
    """Who has a wait now, who was told of it and when, and whom it goes to next."""

    owner: str
    told: tuple[Notice, ...] = ()
    escalates_at: datetime | None = None
    escalates_to: str | None = None

    def after(self, notice: Notice, coming: Notice | None) -> "EscalationView":
        """The view once *notice* was given; *coming* is the next escalation."""
        return EscalationView(
            owner=notice.to,
            told=(*self.told, notice),
            escalates_at=coming.at if coming else None,
            escalates_to=coming.to if coming else None,
        )


def notices(rule: EscalationRule, *, owner: str, began_at: datetime) -> Iterator[Notice]:
    """Everything that is said about a wait that nobody ends, in the order of time.

    Each level is asked once, whatever else is said; reminders go to whoever has the wait at
    their time, and end after `REMINDERS`.
    """
    at, to, reminders = began_at, owner, 0
    for height, level in enumerate((*rule.levels, None)):
        until = at + level.after if level is not None else None
        if rule.remind_every:
            next_at = at + rule.remind_every
            while reminders < REMINDERS and (until is None or next_at < until):
                yield Notice(kind=NoticeKind.REMINDED, at=next_at, to=to, level=height)
                next_at += rule.remind_every
                reminders += 1
        if level is None or until is None:
            return
        at, to = until, str(level)
        yield Notice(kind=NoticeKind.ESCALATED, at=at, to=to, level=height + 1)


def next_escalation(
    rule: EscalationRule, *, owner: str, began_at: datetime, level: int
) -> Notice | None:
    """Whom the wait goes to after those of *level*; None where they are the last."""
    coming = notices(
        rule.model_copy(update={"remind_every": None}), owner=owner, began_at=began_at
    )
    return next((notice for notice in coming if notice.level > level), None)


def escalation_rule(
    written: tuple[EscalateTo, ...],
    people: Mapping[str, PersonSpec],
    *,
    remind_every: timedelta | None = None,
) -> EscalationRule:
    """The levels as people wrote them, with the *people* of the catalog who hold each role."""
    return EscalationRule(
        levels=tuple(_level(one, people) for one in written), remind_every=remind_every
    )


def unreachable(
    written: tuple[EscalateTo, ...], people: Mapping[str, PersonSpec]
) -> Iterator[tuple[int, str, str]]:
    """The levels that reach nobody: position, what is asked for, and the role or person."""
    for at, one in enumerate(written):
        if one.person is not None and one.person not in people:
            yield at, "person", one.person
        if one.role is not None and not holders(one.role, people):
            yield at, "role", one.role


def holders(role: str, people: Mapping[str, PersonSpec]) -> tuple[str, ...]:
    """Who holds *role*, by name."""
    return tuple(sorted(name for name, person in people.items() if role in person.roles))


def named(to: str, people: tuple[str, ...]) -> str:
    """A role with the people behind it, or a person alone: `sre-lead (ana, ben)`."""
    return f"{to} ({', '.join(people)})" if people else to


def _level(one: EscalateTo, people: Mapping[str, PersonSpec]) -> EscalationLevel:
    if one.role is None:
        return EscalationLevel(to=str(one.person), after=one.after)
    return EscalationLevel(to=one.role, people=holders(one.role, people), after=one.after)
