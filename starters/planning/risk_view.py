"""The class and the risk of a release, and how far risks came true, for people and programs."""

from collections.abc import Iterator

from pydantic import JsonValue

from workflows.domain.admission.change import ClassRuling
from workflows.domain.risk.calibration import Bin, Calibration
from workflows.domain.risk.score import RiskScore
from workflows.domain.values import short


def told(name: str, ruling: ClassRuling, risk: RiskScore) -> Iterator[str]:
    """The lines in which `risk explain` answers."""
    claimed = ruling.claimed if ruling.claimed == "auto" else f"claimed {ruling.claimed}"
    yield f"{name}  class {ruling.change_class} ({claimed})  risk {risk.level} {risk.total}/100"
    yield f"  why: {risk.why}"
    yield f"  class: {'; '.join(ruling.reasons)}"
    for unknown in risk.unknown:
        yield f"  unknown: {unknown}"
    yield f"  gates: {_gates(risk)}"
    yield f"  pattern {short(ruling.pattern)}  model {short(risk.model)}"


def _gates(risk: RiskScore) -> str:
    calibration = risk.calibration
    if not calibration.holds:
        return f"the matrix sees risk {risk.gating_level}, not calibrated: {calibration.why}"
    sigmoid = calibration.sigmoid
    chance = "" if sigmoid is None else f"; {sigmoid(risk.total):.0%} of such fail"
    return f"the matrix sees risk {risk.gating_level}{chance}; {calibration.why}"


def as_json(ruling: ClassRuling, risk: RiskScore) -> dict[str, JsonValue]:
    """The same for programs."""
    return {
        "class": ruling.change_class,
        "claimed": ruling.claimed,
        "classReasons": list(ruling.reasons),
        "rows": list(ruling.rows),
        "people": ruling.people,
        "pattern": ruling.pattern,
        "risk": {
            "total": risk.total,
            "level": risk.level,
            "gatingLevel": risk.gating_level,
            "model": risk.model,
            "points": [
                {
                    "factor": point.factor,
                    "points": point.points,
                    "because": point.because,
                    "known": point.known,
                }
                for point in risk.points
            ],
            "unknown": [{"what": one.what, "why": one.why} for one in risk.unknown],
            "calibration": calibration_as_json(risk.calibration),
        },
    }


def calibration_as_json(calibration: Calibration) -> dict[str, JsonValue]:
    """What the outcomes say, with the figures that it goes by."""
    sigmoid = calibration.sigmoid
    return {
        "holds": calibration.holds,
        "why": calibration.why,
        "outcomes": calibration.outcomes,
        "failures": calibration.failures,
        "brier": calibration.brier,
        "baseBrier": calibration.base_brier,
        "slope": None if sigmoid is None else sigmoid.slope,
        "intercept": None if sigmoid is None else sigmoid.intercept,
    }


def reliability_rows(bins: tuple[Bin, ...]) -> list[tuple[str, ...]]:
    """The table: score, releases, foretold, came, and the difference."""
    return [
        (
            f"{one.low}-{one.high - 1}",
            str(one.outcomes),
            f"{one.said:.1%}",
            f"{one.came:.1%}",
            f"{one.came - one.said:+.1%}",
        )
        for one in bins
    ]
