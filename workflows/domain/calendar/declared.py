"""What people declare about time, as entries of the audit record."""

from datetime import datetime

from workflows.domain.audit import Entry
from workflows.domain.calendar.windows import Freeze
from workflows.domain.canonical import content_digest

CHAIN = "calendar"
"""The chain of the audit record that freezes are written to."""


def entry_of_freeze(freeze: Freeze) -> Entry:
    """The entry that says the freeze was declared; told twice, it is one entry."""
    until = f"until {freeze.end_at:%Y-%m-%d %H:%MZ}" if freeze.end_at else "until it is lifted"
    document = freeze.model_dump(mode="json", exclude={"lifted_at", "lifted_by"})
    return Entry(
        key=content_digest(document),
        at=freeze.declared_at,
        action="declare_freeze",
        sentence=f"{freeze.declared_by} freezes {freeze.scope} {until}: {freeze.name}"[:500],
        outcome="frozen",
        detail=f"{freeze.in_flight}: {freeze.reason}"[:500],
        actor=freeze.declared_by,
    )


def entry_of_lift(freeze: Freeze, *, by: str, at: datetime, reason: str) -> Entry:
    """The entry that says the freeze was lifted; a freeze is lifted once."""
    return Entry(
        key=f"lift {entry_of_freeze(freeze).key}",
        at=at,
        action="lift_freeze",
        sentence=f"{by} lifts the freeze {freeze.name} of {freeze.declared_by}"[:500],
        outcome="lifted",
        detail=reason[:500],
        actor=by,
    )
