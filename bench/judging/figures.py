"""The figures that the judge must reach, each with what was found."""


def claims(ours, studies):
    """What must hold, what was found, and whether it holds."""
    clear = ours["obvious"]
    found = [
        _claim("at most 6 equal canaries of 308 rolled back", ours["false"], 6),
        _claim("at most 2 of the worst family's 28", ours["worst_family_false"], 2),
        _claim("power over all regressions at least 0.72", -ours["power"], -0.72),
        _claim("median at most 13 minutes", ours["median_minutes"], 13),
        _claim("95 % found within 46 minutes", ours["p95_minutes"], 46),
        _claim("restricted mean at most 27 minutes", ours["restricted_minutes"], 27),
        _claim("at most half of the requests exposed", ours["exposed"], 0.50),
        _claim("clear regressions found: power at least 0.98", -clear["power"], -0.98),
        _claim("their median at most 9 minutes", clear["median_minutes"], 9),
        _claim("95 % of them within 22 minutes", clear["p95_minutes"], 22),
        _claim("at most 5 ms of CPU a look", ours["cpu_ms"], 5),
    ]
    for rate, part in studies.get("boundary", {}).items():
        found.append(_claim(f"at most 10 % at the tolerance, {rate} rps", part, 0.10))
    for interval, part in studies.get("peeking", {}).items():
        looks = 3600 // interval
        found.append(
            _claim(f"at most alpha (10 %) of equal canaries in {looks} looks", part, 0.10)
        )
    return found


def _claim(says, value, at_most):
    return {"says": says, "found": round(abs(value), 3), "reached": value <= at_most}
