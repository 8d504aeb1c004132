"""From cumulative counters to what was counted in a window: restarts, gaps, late points."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple, TypeVar

from workflows.domain.canary.windows import ArmWindow
from workflows.domain.values import Value

# Start times are read as "now minus uptime", of which both are rounded and the second is as old
# as the process's last flush; a process that restarts lived longer than this before.
_SAME_START_SECONDS = 20.0

Number = TypeVar("Number", float, tuple[float, ...])


class ArmTotals(Value):
    """What one process has counted of one version since the process began to count.

    A measure that is not named is unknown, not zero. A histogram has its counts per bucket, the
    last one without an upper edge; `()` is one that has counted nothing and shows no edges yet.
    `since` is when the counters were last zero, in seconds of the epoch, where that is known.
    """

    values: dict[str, float] = {}
    histograms: dict[str, tuple[float, ...]] = {}
    gauges: dict[str, float] = {}
    since: float | None = None


class Reading(NamedTuple):
    """One look at a process's counters; readings need not come in order, nor only once."""

    at: float
    totals: ArmTotals


def increments(before: ArmTotals | None, now: ArmTotals | None) -> ArmWindow | None:
    """What one process counted between two looks at it; None if either look saw nothing.

    A process that began anew in between counts from zero: what it lost is not guessed.
    """
    if before is None or now is None:
        return None
    return over((Reading(0.0, before), Reading(1.0, now)), start=0.0, end=1.0, tolerance=0.5)


def over(
    readings: Iterable[Reading], *, start: float, end: float, tolerance: float
) -> ArmWindow | None:
    """What one process counted in [start, end), None if that cannot be told.

    A boundary's value is the newest reading at or before it, if it is younger than *tolerance*: a
    window that a gap touches is not known, and nothing is spread over two windows. So windows that
    follow each other neither lose nor repeat a count.
    """
    lives = tuple(_lives(readings))
    spans = _Spans(lives, start, end, tolerance)
    values = spans.counted({name for _, r in lives for name in r.totals.values})
    histograms = spans.distributed({name for _, r in lives for name in r.totals.histograms})
    gauges = spans.observed({name for _, r in lives for name in r.totals.gauges})
    if not values and not histograms and not gauges:
        return None
    return ArmWindow(values=values | gauges, histograms=histograms)


def together(
    windows: Iterable[ArmWindow | None], *, gauges: Collection[str] = ()
) -> ArmWindow | None:
    """One version's window from those of all processes that count it; *gauges* are averaged.

    A process whose window is not known is left out with all its measures, so that it distorts no
    ratio of two of them.
    """
    known = [window for window in windows if window is not None]
    if not known:
        return None
    return ArmWindow(
        values={
            name: _mean(numbers) if name in gauges else sum(numbers)
            for name, numbers in _gathered(window.values for window in known).items()
        },
        histograms={
            name: tuple(map(sum, zip(*counts, strict=True)))
            for name, counts in _gathered(window.histograms for window in known).items()
        },
    )


class _Spans(NamedTuple):
    lives: tuple[tuple[int, Reading], ...]
    start: float
    end: float
    tolerance: float

    def counted(self, names: Collection[str]) -> dict[str, float]:
        found = {}
        for name in sorted(names):
            points = [
                (life, r.at, r.totals.values[name])
                for life, r in self.lives
                if name in r.totals.values
            ]
            if inside := self._between(points):
                found[name] = sum(
                    now if life != before_life else now - before
                    for (before_life, before), (life, now) in pairwise(inside)
                )
        return found

    def distributed(self, names: Collection[str]) -> dict[str, tuple[int, ...]]:
        found = {}
        for name in sorted(names):
            points = [
                (life, r.at, r.totals.histograms[name])
                for life, r in self.lives
                if name in r.totals.histograms
            ]
            inside = self._between(points)
            size = max((len(counts) for _, counts in inside), default=0)
            if size and all(len(counts) in (0, size) for _, counts in inside):
                whole = [(life, counts or (0.0,) * size) for life, counts in inside]
                found[name] = tuple(
                    round(sum(slot)) for slot in zip(*map(_step, pairwise(whole)), strict=True)
                )
        return found

    def observed(self, names: Collection[str]) -> dict[str, float]:
        """A gauge's mean over the readings of the window."""
        found = {}
        for name in sorted(names):
            seen = [
                r.totals.gauges[name]
                for _, r in self.lives
                if name in r.totals.gauges and self.start < r.at <= self.end
            ]
            if seen:
                found[name] = _mean(seen)
        return found

    def _between(self, points: list[tuple[int, float, Number]]) -> list[tuple[int, Number]]:
        """The points from the one that stands for the start to the one that stands for the end."""
        first, last = self._boundary(points, self.start), self._boundary(points, self.end)
        # One point that stands for both tells nothing of what lies between them.
        if first is None or last is None or first == last:
            return []
        return [(life, value) for life, _, value in points[first : last + 1]]

    def _boundary(self, points: list[tuple[int, float, Number]], at: float) -> int | None:
        newest = max((i for i, (_, when, _) in enumerate(points) if when <= at), default=None)
        if newest is None or at - points[newest][1] >= self.tolerance:
            return None
        return newest


def _step(
    pair: tuple[tuple[int, tuple[float, ...]], tuple[int, tuple[float, ...]]],
) -> tuple[float, ...]:
    (before_life, before), (life, now) = pair
    if life != before_life:
        return now
    return tuple(new - old for old, new in zip(before, now, strict=True))


def _lives(readings: Iterable[Reading]) -> Iterator[tuple[int, Reading]]:
    """The readings in order of time, each once, with the number of restarts before it.

    One measure that fell is a restart of the process, and so of all its measures: another one may
    have counted beyond its old value already.
    """
    life = 0
    known: dict[str, float] = {}
    since: float | None = None
    in_order = sorted(readings, key=lambda reading: reading.at)
    for reading in {reading.at: reading for reading in in_order}.values():
        totals = reading.totals
        sums = totals.values | {name: sum(c) for name, c in totals.histograms.items()}
        fell = any(value < known.get(name, value) for name, value in sums.items())
        if fell or _moved(since, totals.since):
            life += 1
            known = {}
        known |= sums
        since = totals.since
        yield life, reading


def _moved(before: float | None, now: float | None) -> bool:
    return before is not None and now is not None and abs(now - before) > _SAME_START_SECONDS


_Value = TypeVar("_Value")


def _gathered(parts: Iterable[Mapping[str, _Value]]) -> dict[str, list[_Value]]:
    found: dict[str, list[_Value]] = {}
    for part in parts:
        for name, value in part.items():
            found.setdefault(name, []).append(value)
    return found


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
