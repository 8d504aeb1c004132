"""When a report was made, as far as its format says so."""

from collections.abc import Iterable
from datetime import UTC, datetime

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000


def moment(written: str | None) -> datetime | None:
    """An ISO 8601 moment; without an offset it counts as UTC. None where it is no moment."""
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def epoch(written: str | None) -> datetime | None:
    """Seconds since 1970, or milliseconds, as Cobertura's writers disagree; None for nonsense."""
    try:
        number = float(written or "")
        seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found >= _EARLIEST else None


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((each for each in moments if each is not None), default=None)
