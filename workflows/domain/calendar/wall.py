"""Times on the wall of a place, and the moments that they are.

One rule for the two days of the year on which a wall clock jumps, that of RFC 5545 3.3.5: a time
that does not exist is read with the offset from before the jump, so it is as much later; a time
that comes twice is the first of the two.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

import tzdata

# One edition of the zones for every process, and not whatever each machine happens to have: what
# is ruled on one of them must be ruled alike when it is looked into on another.
reset_tzpath(())
EDITION: str = tzdata.IANA_VERSION
"""The edition of the time zone database that local times are read by."""

LOCAL = "local"
"""A window's zone that stands for the zone of each environment it is asked about."""

_ICAL = re.compile(r"(?:TZID=(?P<zone>[^:]+):)?(?P<date>\d{8})T(?P<time>\d{6})(?P<utc>Z?)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(?P<utc>Z?)")
_FORMS = "TZID=Europe/Dublin:20261214T090000, 20261214T090000Z, or 2026-12-14T09:00 with `tz`"


def zone_of(name: str) -> ZoneInfo:
    """The zone that *name* has in the IANA database.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database") from error


def read_wall(text: str, tz: str | None) -> tuple[datetime, str]:
    """The naive time that is written, and the name of its zone.

    Raises:
        ValueError: the text is no time, or says nothing about its zone: such a time floats, and
            is another moment for each reader.
    """
    ical, iso = _ICAL.fullmatch(text), _ISO.fullmatch(text)
    found = ical or iso
    if found is None:
        raise ValueError(f"{text!r} is not a time such as {_FORMS}")
    named = ical["zone"] if ical else None
    if named is not None and found["utc"]:
        raise ValueError(f"{text!r} is in UTC and names a zone as well; keep one of them")
    zone = "UTC" if found["utc"] else named or tz
    if zone is None:
        raise ValueError(f"{text!r} floats: it names no time zone; write {_FORMS}")
    if named is not None and tz not in {None, named}:
        raise ValueError(f"{text!r} names another zone than `tz`, {tz!r}; keep one of them")
    if zone != LOCAL:
        zone_of(zone)
    try:
        at = (
            datetime.strptime(f"{ical['date']}{ical['time']}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - naive on purpose
            if ical
            else datetime.fromisoformat(text.removesuffix("Z"))
        )
    except ValueError as error:
        raise ValueError(f"{text!r} is no day or hour of the calendar") from error
    return at, zone


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which a clock in *zone* shows *wall*, by the rule of this module."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def ends_at(start: datetime, lasts: timedelta, zone: ZoneInfo) -> datetime:
    """When what starts at the naive *start* and lasts so long on the wall clock is over.

    A night that begins at 22:00 and lasts 8 h ends at 06:00, also when the clock jumps in it.
    What would then have no length, because all of it lies in an hour that does not exist, lasts
    as long as is written.
    """
    begins, ends = moment(start, zone), moment(start + lasts, zone)
    return ends if ends > begins else begins + lasts


def check_written(text: str) -> str:
    """Raise ValueError where *text* is no time, whatever zone it may be in."""
    read_wall(text, None if "TZID=" in text else "UTC")
    return text
