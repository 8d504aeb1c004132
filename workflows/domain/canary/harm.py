"""The harm budget: how much a release may cost, and which share of the traffic that allows."""

from workflows.domain.canary.statistics import Share, wilson
from workflows.domain.values import Percent, Value, View

# How sure one must be that no more than the assumed share of requests fails.
_SURE = 0.99


class LostFigure(Value):
    """So much of a business figure may be lost: what the baseline's ratio would have brought."""

    metric: str
    amount: float


class HarmBudget(Value):
    """What one release may cost at the most, over all its services and stages."""

    failed_requests: int | None = None
    lost: LostFigure | None = None


class Harm(View):
    """What a release has cost so far."""

    failed_requests: int = 0
    lost: float = 0.0

    def __add__(self, other: "Harm") -> "Harm":
        return Harm(
            failed_requests=self.failed_requests + other.failed_requests,
            lost=self.lost + other.lost,
        )


class Served(View):
    """What the new version has served so far, and what it and the old one made of it.

    `gained` and `asked` are the numerator and the denominator of the figure that the budget
    names, of each version.
    """

    requests: int = 0
    failed: int = 0
    baseline_requests: int = 0
    baseline_failed: int = 0
    gained: float = 0.0
    asked: float = 0.0
    baseline_gained: float = 0.0
    baseline_asked: float = 0.0

    def __add__(self, other: "Served") -> "Served":
        mine, theirs = self.model_dump(by_alias=False), other.model_dump(by_alias=False)
        return Served(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def harm(self) -> Harm:
        """Every failed request of the new version counts, whatever made it fail.

        Of a business figure, what is missing to the ratio of the old version beside it.
        """
        lost = 0.0
        if self.baseline_asked > 0 and self.asked > 0:
            lost = self.asked * self.baseline_gained / self.baseline_asked - self.gained
        return Harm(failed_requests=self.failed, lost=max(0.0, lost))


def crossed(budget: HarmBudget | None, harm: Harm) -> str | None:
    """In words, which part of *budget* is used up by *harm*; None while there is some left."""
    if budget is None:
        return None
    allowed = budget.failed_requests
    if allowed is not None and harm.failed_requests > allowed:
        return f"harm budget: {harm.failed_requests} failed requests, allowed {allowed}"
    if budget.lost is not None and harm.lost > budget.lost.amount:
        return (
            f"harm budget: {harm.lost:.1f} lost of {budget.lost.metric}, allowed "
            f"{budget.lost.amount:g}"
        )
    return None


def heaviest(
    budget: HarmBudget | None, *, spent: Harm, served: Served, rps: float, detects_after: float
) -> Percent:
    """The largest weight whose harm, until it is detected and taken back, fits into the budget.

    Until a fault is found, a weight w sends `rps · w · detects_after` requests to the new version
    (*rps* of the whole target, *detects_after* in seconds). Of these at most the share fails that
    has not been ruled out yet: the upper end of the Wilson interval of what *served* shows, and
    all of them while it has served nothing. So a release climbs as it is trusted.
    """
    if budget is None or budget.failed_requests is None or rps <= 0:
        return 100
    left = budget.failed_requests - spent.failed_requests
    if left <= 0:
        return 0
    share = left / (rps * detects_after * _not_ruled_out(served))
    return max(0, min(100, int(100 * share)))


def _not_ruled_out(served: Served) -> float:
    if served.requests <= 0:
        return 1.0
    return wilson(Share(served.failed, served.requests), alpha=1 - _SURE).high


def expected_detection(*, interval: float, settles: float) -> float:
    """Seconds from a fault until the traffic is back: two looks, late points, and the way back.

    A catastrophe is found within two windows; the way back takes a second or two where a router
    applies at once.
    """
    return 2 * interval + settles + _WAY_BACK


_WAY_BACK = 2.0
