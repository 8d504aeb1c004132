"""Spans of time as people write them: `500ms`, `30s`, `10m`, `1h30m`, `7d`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

LONGEST = timedelta(days=366)
"""More is a slip of the pen; the bound also keeps every sum of durations far from overflow."""

_DURATION = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?")
_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")


def parse_duration(written: object) -> object:
    """Read `7d`, `4h`, `1h30m`, `500ms`; leave anything but text to pydantic.

    Raises:
        ValueError: the text is not a duration, or is longer than `LONGEST`.
    """
    if not isinstance(written, str) or written.startswith("P"):
        return written
    match = _DURATION.fullmatch(written)
    if not written or match is None:
        raise ValueError(f"{written!r} is not a duration such as 30s, 10m, 4h, 7d or 1h30m")
    counts = {u: n for u, n in zip(_UNITS, match.groups(), strict=True) if n}
    try:
        span = timedelta(**{unit: int(count) for unit, count in counts.items()})
    except (OverflowError, ValueError) as error:  # more digits than timedelta, or int, can take
        raise ValueError(f"{written!r} is longer than {write_duration(LONGEST)}") from error
    if span > LONGEST:
        raise ValueError(f"{written!r} is longer than {write_duration(LONGEST)}")
    return span


def write_duration(span: timedelta) -> str:
    """The shortest text that `parse_duration` reads back as *span*, to the millisecond."""
    rest = round(span.total_seconds() * 1000)
    written = ""
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")):
        count, rest = divmod(rest, size)
        written += f"{count}{unit}" if count else ""
    return written or "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    Field(ge=timedelta(0)),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
            "examples": ["30s", "10m", "4h", "7d", "1h30m"],
        }
    ),
]
"""A span of time, not negative; in files always text with its unit."""

WrittenSpan = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A span that is read as people write it, and sent as it always was."""
