"""What became of the demo's releases, from their status and their record: one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One release as it ended; what nothing was found out about is None."""

    name: str
    shows: str
    phase: str
    lasted: float
    detected_after: float | None
    requests: int
    failed: int
    why: str


def ending(
    shows: str,
    status: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    *,
    held: str = "",
) -> Ending:
    """From `lockgate status -o json` and the entries of `lockgate events -o json`.

    *held* is what it was held for, if it was: then the reason of its end is only a person's word.
    """
    exposure = status["exposure"]
    return Ending(
        name=str(status["name"]),
        shows=shows,
        phase=str(status["phase"]),
        lasted=_seconds(status["startedAt"], status["endedAt"]),
        detected_after=_detection(entries) if status["phase"] == "RolledBack" else None,
        requests=int(exposure["requests"]),
        failed=int(exposure["failed"]),
        why=f"held: {held}" if held else str(status["reason"]),
    )


def _detection(entries: Sequence[Mapping[str, Any]]) -> float | None:
    """From the first user on the version that failed to the end of the watch that found out."""
    watched = [entry for entry in entries if entry["action"] == "watch_canary"]
    if not watched:
        return None
    promotion = _promotion(watched[-1])
    shifts = [
        entry
        for entry in entries
        if entry["action"] == "shift_traffic"
        and _promotion(entry) == promotion
        and "% canary" in entry["sentence"]
    ]
    return _seconds(shifts[0]["at"], watched[-1]["at"]) if shifts else None


def _promotion(entry: Mapping[str, Any]) -> str:
    """Which promotion asked for it: the part of its key before the number."""
    return str(entry["key"]).rpartition("#")[0]


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def table(endings: Sequence[Ending]) -> str:
    """A line each, and below it the statistic that decided."""
    head = ("release", "shows", "ended", "in", "detected after", "requests", "failed")
    rows = [head, *(_row(one) for one in endings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = []
    for row, one in zip(rows, [None, *endings], strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  " + "  ".join(cells).rstrip())
        if one is not None:
            lines.append(f"      {one.why}")
    return "\n".join(lines)


def _row(one: Ending) -> tuple[str, ...]:
    detected = "" if one.detected_after is None else f"{one.detected_after:.0f} s"
    return (
        one.name,
        one.shows,
        one.phase,
        f"{one.lasted:.0f} s",
        detected,
        str(one.requests),
        str(one.failed),
    )
