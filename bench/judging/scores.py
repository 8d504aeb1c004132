"""The figures of a judge over labelled cases."""

from math import sqrt

OBVIOUS = ("err_x2.0", "err_x5.0", "lat_+25%", "lat_+50%", "lat_+100%")
"""Errors at least doubled or latency up by a quarter: at 10 rps or more, to be found."""


def scored(rows):
    """All figures of the rows of one judge; times in minutes."""
    equal = [row for row in rows if not row.regression]
    worse = [row for row in rows if row.regression]
    obvious = [r for r in worse if r.family in OBVIOUS and r.rate is not None and r.rate >= 10]
    by_family = {family: [r for r in equal if r.family == family] for family in families(equal)}
    false = {family: sum(r.is_false for r in part) for family, part in by_family.items()}
    worst = max(false, key=false.get, default="")
    return {
        "cases": len(rows),
        "equal": len(equal),
        "false": sum(false.values()),
        "false_rate": _part(sum(false.values()), len(equal)),
        "false_interval": wilson(sum(false.values()), len(equal)),
        "false_before_onset": sum(r.is_false for r in worse),
        "worst_family": worst,
        "worst_family_false": false.get(worst, 0),
        **_power(worse),
        "obvious": _power(obvious),
        "cpu_ms": _mean([row.milliseconds for row in rows]),
        "families": {f: _family([r for r in rows if r.family == f]) for f in families(rows)},
    }


def families(rows):
    return list(dict.fromkeys(row.family for row in rows))


def _power(worse):
    times = [row.to_detect / 60 for row in worse if row.detected]
    shares = [row.exposed / row.exposed_at_most for row in worse if row.exposed_at_most]
    return {
        "regressions": len(worse),
        "power": _part(len(times), len(worse)),
        "median_minutes": quantile(times, 0.5),
        "p95_minutes": quantile(times, 0.95),
        "restricted_minutes": _mean([row.restricted / 60 for row in worse]),
        "exposed": _mean(shares),
    }


def _family(rows):
    if not rows[0].regression:
        return {"cases": len(rows), "false": sum(row.is_false for row in rows)}
    times = [row.to_detect / 60 for row in rows if row.detected]
    return {
        "cases": len(rows),
        "power": _part(len(times), len(rows)),
        "median_minutes": quantile(times, 0.5),
    }


def quantile(values, part):
    """Linear between the neighbours; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def wilson(hits, of, z=1.96):
    if not of:
        return 0.0, 1.0
    share, scale = hits / of, 1 + z * z / of
    middle = (share + z * z / 2 / of) / scale
    reach = z * sqrt(share * (1 - share) / of + z * z / 4 / of / of) / scale
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _part(hits, of):
    return hits / of if of else None


def _mean(values):
    return sum(values) / len(values) if values else None
