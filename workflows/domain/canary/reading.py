"""What one stream says at one look."""

from math import ceil, log
from typing import NamedTuple

from workflows.domain.canary import eprocess, warmup
from workflows.domain.canary.config import JudgeConfig
from workflows.domain.canary.dispersion import Dispersion, dispersion
from workflows.domain.canary.effects import Point, points, pooled
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.streams import Stream, streams

# The prior time of a harm's beginning halves over this part of the horizon.
_HALF_LIFE = 0.5


class Reading(NamedTuple):
    """A stream, how it varies, and its evidence of harm."""

    stream: Stream
    spread: Dispersion
    points: list[Point]
    harm: float
    """Log of the e-value."""
    trusted: bool
    """Whether harm shown now would be believed: it lasts, and is not a start-up's."""


def blips(config: JudgeConfig) -> int:
    """How many cells the blip tolerance is long."""
    return int(config.blip / max(config.cell, config.interval) + 1e-9)


def readings(config: JudgeConfig, evidence: Evidence) -> list[Reading]:
    """What all streams say."""
    return [_read(config, evidence, stream) for stream in streams(config, evidence)]


def _read(config: JudgeConfig, evidence: Evidence, stream: Stream) -> Reading:
    spread = dispersion(stream)
    found = points(stream, spread)
    own = stream.metric.warmup == "own"
    judged, weighed = stream, spread
    since = warmup.judged_from(config, found, evidence.at) if own else None
    if since is not None:
        judged = stream.since(since)
        kept = len(judged.cells)
        weighed = spread._replace(factors=spread.factors[len(spread.factors) - kept :])
    harm = eprocess.log_harm(
        judged, weighed, blips=blips(config), half_life=config.horizon * _HALF_LIFE
    )
    trusted = _lasts(found, blips(config)) and not (
        own and warmup.defers(config, found, evidence.at)
    )
    return Reading(stream, spread, found, harm, trusted)


def _lasts(found: list[Point], count: int) -> bool:
    """Whether the newest cells still point to harm: all together, and the newer half of them."""
    newest = found[-(count + 1) :]
    newer = newest[len(newest) // 2 :]
    return len(newest) > count and min(pooled(newest).excess, pooled(newer).excess) > 0


def needed(config: JudgeConfig, at: float) -> float:
    """The log of the e-value that rolls back at *at*."""
    early = config.settling_factor if at <= config.settling else 1
    return log(early / (config.alpha * BETTING))


BETTING = 0.5
"""The e-process's part of alpha; the group-sequential looks have the rest."""
