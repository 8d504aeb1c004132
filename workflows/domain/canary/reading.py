"""What one stream says at one look."""

from math import ceil, log, sqrt
from typing import NamedTuple

from workflows.domain.canary import eprocess, warmup
from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.dispersion import Dispersion, dispersion
from workflows.domain.canary.effects import Estimate, Point, points, pooled
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.streams import Stream, streams

FOR_BETTING = 0.5
"""The e-process's part of alpha; the group-sequential looks have the rest."""

# The prior time of a harm's beginning is halved after this part of the horizon.
_HALF_LIFE = 0.5
# Newest cells still point to harm if they are not this many standard errors below tolerance.
_DOUBT = 0.5


class Reading(NamedTuple):
    """A stream, how it varies, and its evidence of harm."""

    stream: Stream
    spread: Dispersion
    points: list[Point]
    harm: float
    """The log of the e-value."""
    starting: bool
    """Whether what harm it shows may be a start-up's."""
    lasting: bool
    """Whether the newest cells point to harm as well."""

    @property
    def trusted(self) -> bool:
        """Whether harm shown now is believed."""
        return self.lasting and not self.starting


def blips(config: JudgeConfig) -> int:
    """How many cells a blip that is tolerated may fill."""
    if config.blip <= 0:
        return 0
    # However short, it may lie across the end of a cell.
    return max(2, ceil(config.blip / max(config.cell, config.interval) - 1e-9))


def readings(config: JudgeConfig, evidence: Evidence) -> list[Reading]:
    """What all streams say."""
    return [_read(config, evidence, stream) for stream in streams(config, evidence)]


def overall(read: list[Reading]) -> float:
    """The log of the weighted mean of their e-values, which is one however they depend."""
    return eprocess.log_sum(
        [one.harm + log(one.stream.weight) for one in read if one.stream.weight > 0]
    )


def needed(config: JudgeConfig, at: float) -> float:
    """The log of the e-value that rolls back at *at*."""
    early = config.settling_factor if at <= config.settling else 1
    return log(early / (config.alpha * FOR_BETTING))


def _read(config: JudgeConfig, evidence: Evidence, stream: Stream) -> Reading:
    spread = dispersion(stream)
    found = points(stream, spread)
    own = stream.metric.warmup == "own"
    since = warmup.judged_from(config, found, evidence.at) if own else None
    judged, weighed = stream, spread
    if since is not None:
        judged = stream.since(since)
        weighed = spread._replace(factors=spread.factors[-len(judged.cells) :])
    harm = eprocess.log_harm(
        judged, weighed, blips=blips(config), half_life=config.horizon * _HALF_LIFE
    )
    starting = own and warmup.defers(config, found, evidence.at)
    return Reading(stream, spread, found, harm, starting, _lasts(found, blips(config)))


def _lasts(found: list[Point], count: int) -> bool:
    """Whether the newest cells, the newer half of them, and the later half of all harm too."""
    newest = found[-(count + 1) :]
    if len(newest) <= count:
        return False
    parts = (newest, newest[len(newest) // 2 :], found[len(found) // 2 :])
    return all(_points(pooled(part)) for part in parts)


def _points(mean: Estimate) -> bool:
    return mean.information > 0 and mean.excess * sqrt(mean.information) > -_DOUBT
