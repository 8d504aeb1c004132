"""From cumulative counters to what was served between two readings of them."""

import sys

from workflows.domain.canary.verdict import ArmCounts

NO_EDGE = sys.float_info.max
"""The edge of a histogram's last, open bucket: JSON, and so history, knows no infinity."""

# Start times are read as "now minus uptime", of which both are rounded and the second is as old
# as the server's last flush; a server that restarts lived longer than this before.
_SAME_START_SECONDS = 20.0


def since(start: ArmCounts, now: ArmCounts) -> ArmCounts:
    """What was served between two readings of one version's cumulative counters.

    Counters that began anew in between (the proxy restarted, or the version was removed and
    added again) count from zero: what they lost is not guessed.
    """
    if _began_anew(start, now):
        return now
    before = dict(start.buckets)
    return ArmCounts(
        requests=now.requests - start.requests,
        errors=now.errors - start.errors,
        buckets=tuple((edge, count - before.get(edge, 0)) for edge, count in now.buckets),
        since=now.since,
    )


def _began_anew(start: ArmCounts, now: ArmCounts) -> bool:
    if _moved(start.since, now.since):
        return True
    if now.requests < start.requests or now.errors < start.errors:
        return True
    counted = dict(now.buckets)
    same_edges = not start.buckets or [*dict(start.buckets)] == [*counted]
    return not same_edges or any(counted[edge] < count for edge, count in start.buckets)


def _moved(start: float | None, now: float | None) -> bool:
    if start is None or now is None:
        return False
    return abs(now - start) > _SAME_START_SECONDS
