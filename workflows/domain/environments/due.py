"""Whether an environment is to go, what keeps it all the same, and where it stands by that."""

from datetime import datetime

from workflows.domain.environments.commands import Ending
from workflows.domain.environments.lease import MOMENT, is_over
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView


def due(view: EnvironmentView, ending: Ending | None, *, now: datetime) -> Ending | None:
    """Why it is to go: what was said, or its lease; None while it may stay."""
    if ending is None and is_over(view, now):
        ends = f"{view.expires_at:{MOMENT}}"
        return Ending(by="its lease", reason=f"its time was over at {ends}")
    return ending


def kept_by(view: EnvironmentView, ending: Ending | None, *, hold_tagged: bool) -> str | None:
    """What keeps it although it is to go; what never was ready is kept by nothing.

    *hold_tagged* says that what exists may still carry the tag of a hold that was lifted.
    """
    if view.ready_at is None:
        return None
    if view.hold is not None:
        return str(view.hold)
    if hold_tagged:
        return "the tag of its hold is not taken off yet"
    asked = ending is not None and ending.asked
    return "protected until a person says so" if view.protected and not asked else None


def standing(
    view: EnvironmentView, ending: Ending | None, kept: str | None
) -> tuple[EnvironmentPhase, str]:
    """The phase of one that lives, and the reason for it."""
    if ending is not None and kept is not None:
        return EnvironmentPhase.HELD, f"{ending.reason}; {kept}"
    if ending is not None:
        return EnvironmentPhase.TEARING_DOWN, ending.reason
    if view.warned:
        return EnvironmentPhase.EXPIRING, "its owner has been warned"
    return EnvironmentPhase.READY, ""
