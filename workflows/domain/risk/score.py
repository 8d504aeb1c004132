"""Factors to a score of 0 to 100: a sum, and each of its points says why it is there."""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from workflows.domain.canonical import content_digest
from workflows.domain.names import UNASSESSED
from workflows.domain.risk.calibration import Calibration
from workflows.domain.risk.factors import Factors
from workflows.domain.risk.facts import HotFile, OnCall, Unknown
from workflows.domain.spec.risk import FatigueWeights, RiskModelSpec
from workflows.domain.values import Digest, Percent, Value


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class GatingLevel(StrEnum):
    """What a decision matrix may go by: a level that outcomes bear out, or that there is none."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    UNASSESSED = UNASSESSED


class Point(Value):
    """What one factor adds, or takes away, and why.

    `known` is False where nobody knows the figure, and the worst was taken. `passing` points come
    and go with the hour, without any change of the release: they count, but are nothing that an
    approval was given for.
    """

    factor: str
    points: int
    because: str
    known: bool = True
    passing: bool = False

    def __str__(self) -> str:
        return f"{self.points:+d} {self.because}"


class MaterialRisk(Value):
    """The part of a score whose change voids an approval."""

    gating_level: GatingLevel
    model: Digest
    points: tuple[Point, ...]


class RiskScore(Value):
    """The score of a release under the model of digest `model`, and what it may be used for."""

    total: Percent
    level: RiskLevel
    points: tuple[Point, ...]
    model: Digest
    calibration: Calibration
    unknown: tuple[Unknown, ...] = ()

    @property
    def gating_level(self) -> GatingLevel:
        """The level once outcomes bear the score out; until then a matrix may not go by it."""
        return GatingLevel(self.level) if self.calibration.holds else GatingLevel.UNASSESSED

    @property
    def why(self) -> str:
        """The sum as people read it; what adds nothing is left out."""
        base, *others = self.points
        told = [f"base {base.points}", *(str(point) for point in others if point.points)]
        return "  ".join(told)

    @property
    def material(self) -> MaterialRisk:
        """What of it an approval is given for: what gates, and the points that time leaves."""
        return MaterialRisk(
            gating_level=self.gating_level,
            model=self.model,
            points=tuple(point for point in self.points if not point.passing),
        )

    def __str__(self) -> str:
        gates = "" if self.calibration.holds else f", not calibrated: {self.calibration.why}"
        return f"{self.level} {self.total}/100{gates}"


def model_digest(model: RiskModelSpec) -> Digest:
    content: JsonValue = model.model_dump(mode="json")
    return content_digest(content)


def total_of(factors: Factors, model: RiskModelSpec) -> int:
    """The score alone, 0..100: what is done to each outcome of the past to try a model on it."""
    return _bounded(points_of(factors, model))


def score(factors: Factors, model: RiskModelSpec, calibration: Calibration) -> RiskScore:
    """The score of *factors* under *model*, with all its reasons."""
    points = points_of(factors, model)
    total = _bounded(points)
    return RiskScore(
        total=total,
        level=level_of(total, model),
        points=points,
        model=model_digest(model),
        calibration=calibration,
        unknown=factors.unknown,
    )


def level_of(total: int, model: RiskModelSpec) -> RiskLevel:
    if total >= model.levels.high:
        return RiskLevel.HIGH
    return RiskLevel.MEDIUM if total >= model.levels.medium else RiskLevel.LOW


def points_of(factors: Factors, model: RiskModelSpec) -> tuple[Point, ...]:
    """The base first, then each factor; rounded here, so that what is shown adds up."""
    return (
        Point(factor="base", points=round(model.base), because="every change"),
        *(count(factors, model) for count in _FACTORS),
    )


def _bounded(points: tuple[Point, ...]) -> int:
    return min(100, max(0, sum(point.points for point in points)))


def _churn(factors: Factors, model: RiskModelSpec) -> Point:
    weights = model.churn
    if factors.churn is None:
        return _unknown("churn", weights.cap, factors)

    def heat(file: HotFile) -> float:
        return (
            weights.per_commit * file.commits
            + weights.per_author * max(0, file.authors - 1)
            + weights.per_incident * file.incidents
        )

    total = min(weights.cap, sum(heat(file) for file in factors.churn))
    because = "churn"
    if hottest := max(factors.churn, key=heat, default=None):
        more = f" and {len(factors.churn) - 1} more" if len(factors.churn) > 1 else ""
        because = f"churn in {_short(hottest.path)}{more} ({_history(hottest)}/90d)"
    return Point(factor="churn", points=round(total), because=because)


def _history(file: HotFile) -> str:
    if file.incidents:
        return _plural(file.incidents, "incident")
    return f"{_plural(file.commits, 'commit')} by {_plural(file.authors, 'author')}"


def _coverage(factors: Factors, model: RiskModelSpec) -> Point:
    weights = model.coverage
    if (told := factors.coverage) is None:
        return _unknown("coverage", weights.none, factors)
    if not told.lines:
        because = "no changed line that tests could run"
        return Point(factor="coverage", points=round(max(0.0, weights.full)), because=because)
    points = weights.none + (weights.full - weights.none) * told.share
    because = f"changed-line coverage {int(100 * told.share)}%"
    return Point(factor="coverage", points=round(points), because=because)


def _fatigue(factors: Factors, model: RiskModelSpec) -> Point:
    weights = model.fatigue
    if factors.on_call is None:
        return _unknown("on-call", weights.cap, factors, passing=True)
    at = factors.at
    worst = max(factors.on_call, key=lambda one: tiredness(one, weights, at=at), default=None)
    if worst is None:
        return _unknown("on-call", weights.cap, factors, passing=True)
    points = min(weights.cap, tiredness(worst, weights, at=at))
    said = f"on-call of {worst.service}: {'; '.join(_tired_by(worst, weights, at))}"
    return Point(factor="on-call", points=round(points), because=said, passing=True)


def tiredness(one: OnCall, weights: FatigueWeights, *, at: datetime) -> float:
    """Points before the cap; a shift of unknown age counts as a fresh one."""
    earlier = one.pages_72h - one.pages_24h
    return (
        weights.per_page * (one.pages_24h + earlier / 2)
        + weights.per_night * one.nights_woken
        + (weights.fresh_shift if _fresh(one, weights, at) else 0)
    )


def _fresh(one: OnCall, weights: FatigueWeights, at: datetime) -> bool:
    return one.on_since is None or at - one.on_since < weights.fresh_for


def _tired_by(one: OnCall, weights: FatigueWeights, at: datetime) -> Iterator[str]:
    if one.nights_woken:
        yield f"woken {one.nights_woken} of 3 nights"
    yield f"{_plural(one.pages_72h, 'page')} in 72h"
    if one.on_since is None:
        yield "nobody knows since when"
    elif _fresh(one, weights, at):
        yield f"since {one.on_since:%H:%M} UTC"


def _dependants(factors: Factors, model: RiskModelSpec) -> Point:
    weights, callers = model.dependants, factors.dependants
    points = min(weights.cap, weights.each * len(callers))
    named = f": {', '.join(callers[:3])}{' …' if len(callers) > 3 else ''}" if callers else ""
    because = f"{_plural(len(callers), 'dependant')}{named}"
    return Point(factor="dependants", points=round(points), because=because)


def _migration(factors: Factors, model: RiskModelSpec) -> Point:
    weights, told = model.migration, factors.migration
    points = {
        "none": 0.0,
        "expand": weights.expand,
        "backfill": weights.backfill,
        "contract": weights.contract,
    }[told.kind]
    because = f"{told.kind} migration" + (f" ({told.because})" if told.because else "")
    return Point(factor="migration", points=round(points), because=because)


def _concurrent(factors: Factors, model: RiskModelSpec) -> Point:
    weights = model.concurrent
    if factors.concurrent is None:
        return _unknown("releases at the same time", weights.cap, factors, passing=True)
    points = min(weights.cap, weights.each * len(factors.concurrent))
    because = f"{_plural(len(factors.concurrent), 'release')} at the same time"
    return Point(factor="concurrent", points=round(points), because=because, passing=True)


def _hour(factors: Factors, model: RiskModelSpec) -> Point:
    weights = model.hour
    now = factors.hour(weights.time_zone)
    calm = now.day in weights.days and weights.from_hour <= now.hour < weights.until_hour
    points = 0 if calm else weights.otherwise
    because = f"{now} in {weights.time_zone}" + ("" if calm else ", when few are there to help")
    return Point(factor="hour", points=round(points), because=because, passing=True)


_FACTORS: tuple[Callable[[Factors, RiskModelSpec], Point], ...] = (
    _churn,
    _coverage,
    _fatigue,
    _dependants,
    _migration,
    _concurrent,
    _hour,
)


def _unknown(factor: str, worst: float, factors: Factors, *, passing: bool = False) -> Point:
    """The most that the factor can add: a fact that is withheld never lowers the risk."""
    missing = next((one for one in factors.unknown if one.what.startswith(factor)), None)
    because = f"unknown {missing}" if missing else f"unknown {factor}"
    return Point(factor=factor, points=round(worst), because=because, known=False, passing=passing)


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]
