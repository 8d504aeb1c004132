"""Whether a router sends the share that it was asked for, measured on the requests themselves.

The test is a martingale, so it may be looked at after every request and its false alarms still
stay below alpha over all looks together: the likelihood of what was counted under any share, mixed
by Jeffreys' prior Beta(1/2, 1/2), over the likelihood under the share that was asked. Under the
latter this quotient is a non-negative martingale that starts at 1, and such a one ever reaches
1/alpha with probability alpha at most (Ville 1939; the mixture for a binomial share is Robbins'
of 1970). The shares that it does not reject at 1/alpha are the interval: exact for small counts
and for every look, and so wider than the one of Clopper and Pearson, which is good for one look.
"""

from enum import StrEnum
from math import inf, lgamma, log
from typing import Final

from workflows.domain.canary.statistics import Interval, Share
from workflows.domain.values import Percent, Value

ALPHA: Final = 0.001
"""An honest router is called a liar in one stage of a thousand at most, with all its looks."""

TOLERANCE: Final = 0.5
"""A share is as ordered once it is sure to be off by less than this part of the smaller arm's."""

_PRIOR = 0.5
_LEAST_MARGIN = 0.01  # a whole percent, which is as fine as shares are asked for
_STEPS = 40


class ShareWord(StrEnum):
    AS_ORDERED = "asOrdered"
    LYING = "lying"
    TOO_FEW_TO_SAY = "tooFewToSay"


class ShareRuling(Value):
    """What the counts say of a router, with the numbers that it rests on.

    `measured` is the canary's share of `all_requests`, 0..1; the share that the router really
    sends lies between `low` and `high`, whatever is asked. Nothing counted is no share.
    """

    word: ShareWord
    asked: Percent
    canary_requests: int
    all_requests: int
    measured: float | None
    low: float
    high: float
    alpha: float

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"

    @property
    def reason(self) -> str:
        """The ruling as a sentence."""
        if self.measured is None:
            return f"asked for {self.asked}%, and no request was counted yet"
        return (
            f"asked for {self.asked}%, and {self.canary_requests} of {self.all_requests} requests "
            f"went to the canary: {100 * self.measured:.3g}%, which is a share between "
            f"{100 * self.low:.3g}% and {100 * self.high:.3g}% (wrong once in "
            f"{1 / self.alpha:.0f} stages, however often looked at)"
        )


def share_is_as_asked(
    asked: Percent,
    *,
    canary_requests: int,
    all_requests: int,
    alpha: float = ALPHA,
    requests_per_session: float = 1,
) -> ShareRuling:
    """Judge a router by the requests counted since its route has settled.

    Count no request that a header sent, and no copy: neither is part of the share. At 0 % one
    request of the canary is one too many, at 100 % one of the other version. Where sessions are
    kept, they are what is split: give *requests_per_session* as many as the busiest ones send.
    Then every request counts for that part of one, and the bound holds for whole sessions, since
    a power of at most 1 of a quotient with mean 1 has a mean of at most 1 (Jensen).

    Raises:
        ValueError: fewer requests than the canary's among them, an alpha outside 0..1, or less
            than a request for each session.
    """
    if not 0 <= canary_requests <= all_requests:
        raise ValueError(f"{canary_requests} of {all_requests} requests is no share")
    if not 0 < alpha < 1 or requests_per_session < 1:
        raise ValueError(f"alpha {alpha} or {requests_per_session} requests per session")
    measured = None if not all_requests else Share(canary_requests, all_requests).ratio
    interval = plausible_shares(
        canary_requests, all_requests, alpha=alpha, requests_per_session=requests_per_session
    )
    return ShareRuling(
        word=_word(asked / 100, measured, interval),
        asked=asked,
        canary_requests=canary_requests,
        all_requests=all_requests,
        measured=measured,
        low=interval.low,
        high=interval.high,
        alpha=alpha,
    )


def plausible_shares(
    canary_requests: int,
    all_requests: int,
    *,
    alpha: float = ALPHA,
    requests_per_session: float = 1,
) -> Interval:
    """Every share that the counts do not rule out, at this look and all others together."""
    hits = canary_requests / requests_per_session
    misses = (all_requests - canary_requests) / requests_per_session
    if not all_requests:
        return Interval(0.5, 0.0, 1.0)
    ratio, limit = canary_requests / all_requests, log(1 / alpha)
    low = _edge(hits, misses, limit, inside=ratio, outside=0.0)
    high = _edge(hits, misses, limit, inside=ratio, outside=1.0)
    return Interval(ratio, low, high)


def requests_to_tell(asked: Percent, *, alpha: float = ALPHA) -> int:
    """How many requests it takes until a router that does as asked can be said to.

    A multiple of 100, so that the share asked is a whole number of them.
    """
    few, many = 0, 1
    while not _tells(asked, 100 * many, alpha):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if _tells(asked, 100 * middle, alpha) else (middle, many)
    return 100 * many


def _tells(asked: Percent, requests: int, alpha: float) -> bool:
    interval = plausible_shares(asked * requests // 100, requests, alpha=alpha)
    return _word(asked / 100, asked / 100, interval) is ShareWord.AS_ORDERED


def _word(asked: float, measured: float | None, interval: Interval) -> ShareWord:
    if measured is None:
        return ShareWord.TOO_FEW_TO_SAY
    if not interval.low <= asked <= interval.high or (asked in {0, 1} and measured != asked):
        return ShareWord.LYING
    smaller = min(asked, 1 - asked)
    margin = TOLERANCE * smaller if smaller else _LEAST_MARGIN
    if asked - margin <= interval.low and interval.high <= asked + margin:
        return ShareWord.AS_ORDERED
    return ShareWord.TOO_FEW_TO_SAY


def _edge(hits: float, misses: float, limit: float, *, inside: float, outside: float) -> float:
    """The last share from *inside* towards *outside* that is not ruled out, by bisection.

    The evidence against a share grows with its distance from the ratio counted, on either side.
    """
    if _evidence(hits, misses, outside) < limit:
        return outside
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if _evidence(hits, misses, middle) < limit:
            inside = middle
        else:
            outside = middle
    return inside


def _evidence(hits: float, misses: float, share: float) -> float:
    """The logarithm of the martingale that speaks against *share*."""
    if (share <= 0 and hits) or (share >= 1 and misses):
        return inf
    mixed = _log_beta(hits + _PRIOR, misses + _PRIOR) - _log_beta(_PRIOR, _PRIOR)
    under = (hits * log(share) if hits else 0.0) + (misses * log(1 - share) if misses else 0.0)
    return mixed - under


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
