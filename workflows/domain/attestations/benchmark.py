"""Whether a benchmark got worse, told from the noise: exact bounds from paired samples."""

import hashlib
from collections.abc import Iterator, Sequence
from math import ceil, exp, inf, log

from workflows.domain.attestations.figures import Bound, CaseFigures
from workflows.domain.spec.criteria import CONFIDENCES
from workflows.domain.values import Digest

MOST_PAIRS = 200
_SUBSETS = 1999

Pair = tuple[float, float]
"""Baseline and candidate, measured one right after the other; both above 0."""


def compare(
    name: str, pairs: Sequence[Pair], *, higher_is_better: bool, seed: Digest
) -> CaseFigures:
    """How much worse the candidate is than the baseline, and bounds on it.

    Each pair gives the logarithm of its ratio. If the candidate is truly worse by a factor, the
    logarithms lie symmetrically about that factor's, whatever the noise: both samples of a pair
    had the same. For symmetric differences the means of random subsets are typical values
    (Hartigan, "Using subsample values as typical values", JASA 64, 1969): the k-th smallest of B
    of them lies above the truth with probability k / (B + 1), for any number of pairs. It is the
    sign-flipping permutation test turned round. The empty subset counts as beyond all measure,
    so too few pairs give no bound at all.

    Of few pairs every subset is taken; else they are drawn from *seed*, so that the same file
    always gives the same bounds.
    """
    worsenings = [log(old / new) if higher_is_better else log(new / old) for old, new in pairs]
    means = sorted(_means(worsenings, seed=f"{seed} {name}"))
    return CaseFigures(
        name=name,
        pairs=len(pairs),
        worsening=exp(sum(worsenings) / len(worsenings)) - 1,
        bounds=tuple(
            Bound(confidence=confidence, worsening=_worsening(means, confidence))
            for confidence in CONFIDENCES
        ),
    )


def _worsening(means: Sequence[float], confidence: float) -> float | None:
    """The worsening that the truth is below with *confidence*; None where nothing bounds it."""
    place = ceil(confidence * (len(means) + 1))
    bound = means[place - 1] if place <= len(means) else inf
    return None if bound == inf else exp(bound) - 1


def _means(values: Sequence[float], *, seed: str) -> Iterator[float]:
    for chosen in _subsets(len(values), seed=seed):
        taken = [value for place, value in enumerate(values) if chosen >> place & 1]
        yield sum(taken) / len(taken) if taken else inf


def _subsets(size: int, *, seed: str) -> Iterator[int]:
    """Subsets of *size* things as bits: all that are not empty, or as many at random."""
    if (every := 1 << size) <= _SUBSETS:
        yield from range(1, every)
        return
    for number in range(_SUBSETS):
        bits = hashlib.sha256(f"{seed} {number}".encode()).digest()
        yield int.from_bytes(bits) & (every - 1)
