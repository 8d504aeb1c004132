"""Pages to fatigue: how often those on call were called, and in how many nights woken."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.domain.risk.facts import OnCall

WINDOW = timedelta(hours=72)
"""How far back pages count."""

_DAY = timedelta(hours=24)
_TO_BED, _UP = time(23), time(7)
_NIGHTS = 3


def on_call_of(
    service: str,
    pages: Collection[datetime],
    *,
    at: datetime,
    zone: str,
    since: datetime | None = None,
) -> OnCall:
    """What *pages* did to those on call up to *at*; *since* is when their shift began."""
    counted = [page for page in pages if at - WINDOW < page <= at]
    nights = {night for page in counted if (night := _night(page, ZoneInfo(zone))) is not None}
    return OnCall(
        service=service,
        pages_24h=sum(page > at - _DAY for page in counted),
        pages_72h=len(counted),
        nights_woken=min(len(nights), _NIGHTS),
        on_since=since,
    )


def _night(page: datetime, zone: ZoneInfo) -> int | None:
    """Which night *page* fell into, by the day on which it began; None by day."""
    local = page.astimezone(zone)
    if local.time() >= _TO_BED:
        return local.toordinal()
    return local.toordinal() - 1 if local.time() < _UP else None
