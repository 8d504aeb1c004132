"""What became of the demo's releases, from their status: one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One release as it ended; the two spans are None where nothing was found out about it.

    `found_after` is from the first users on the new version to the decision, `back_after` from
    there until none was on it any more, both in seconds.
    """

    name: str
    shows: str
    phase: str
    lasted: float
    found_after: float | None
    back_after: float | None
    requests: int
    failed: int
    why: str


def ending(shows: str, status: Mapping[str, Any], *, held: str = "") -> Ending:
    """From `lockgate status -o json`.

    *held* is what it was held for, if it was: then the reason of its end is only a person's word.
    """
    found = None if held else status.get("detection")
    counted = found or status["exposure"]
    return Ending(
        name=str(status["name"]),
        shows=shows,
        phase=str(status["phase"]),
        lasted=_seconds(status["startedAt"], status["endedAt"]),
        found_after=found["secondsToDetect"] if found else None,
        back_after=found["secondsToGoBack"] if found else None,
        requests=int(counted["requests"]),
        failed=int(counted["failed"]),
        why=f"held: {held}" if held else str(found["reason"] if found else status["reason"]),
    )


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


HEAD = ("release", "shows", "ended", "in", "found after", "0 % after", "requests", "failed")


def table(endings: Sequence[Ending]) -> str:
    """A line each, and below it the statistic that decided."""
    rows = [HEAD, *(_row(one) for one in endings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = []
    for row, one in zip(rows, [None, *endings], strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  " + "  ".join(cells).rstrip())
        if one is not None:
            lines.append(f"      {one.why}")
    return "\n".join(lines)


def _row(one: Ending) -> tuple[str, ...]:
    return (
        one.name,
        one.shows,
        one.phase,
        f"{one.lasted:.0f} s",
        _span(one.found_after),
        _span(one.back_after),
        str(one.requests),
        str(one.failed),
    )


def _span(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"
