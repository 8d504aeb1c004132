"""After a rollback: does the version that was put back serve as it did before?"""

from enum import StrEnum

from workflows.domain.canary.statistics import Share, wilson
from workflows.domain.values import Value, View


class RecoveryRule(Value):
    """As good as before: failing no more than *ratio_before*, as sure as *alpha* allows to say.

    `ratio_before` is None where nobody knew; then `allowed` alone counts. Times are in seconds.
    """

    ratio_before: float | None = None
    allowed: float = 0.01
    """The share of failed requests that is never taken for harm."""
    alpha: float = 0.01
    enough: int = 50
    """Requests in which it must show."""
    interval: float = 5.0
    within: float = 300.0
    """How long it may take."""
    grace: float = 10.0
    """So long at least it is waited for requests to come."""

    @property
    def limit(self) -> float:
        return max(self.allowed, self.ratio_before or 0.0)


class RecoveryWord(StrEnum):
    RECOVERED = "recovered"
    NOT_RECOVERED = "notRecovered"
    UNVERIFIED = "unverified"


class Recovery(View):
    """What the metrics say of the version that was put back."""

    word: RecoveryWord
    reason: str
    requests: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"


def recovery(rule: RecoveryRule, *, requests: int, failed: int) -> Recovery:
    """What the requests of the latest windows say.

    Not recovered while it is proven that more fail than before: the lower end of the Wilson
    interval lies above the limit. Recovered once enough were served and that is not so.
    """
    if requests < rule.enough:
        return Recovery(
            word=RecoveryWord.UNVERIFIED,
            reason=f"{requests} requests since it was put back, {rule.enough} would tell",
            requests=requests,
            failed=failed,
        )
    low = wilson(Share(failed, requests), alpha=rule.alpha).low
    worse = low > rule.limit
    relation = "above" if worse else "within"
    return Recovery(
        word=RecoveryWord.NOT_RECOVERED if worse else RecoveryWord.RECOVERED,
        reason=(
            f"{failed} of {requests} requests failed, {relation} the {100 * rule.limit:.2f} % "
            "of before the release"
        ),
        requests=requests,
        failed=failed,
    )


def idle(rule: RecoveryRule, *, requests: int, seconds: float) -> Recovery | None:
    """Unverified already now, where *requests* in *seconds* are too few ever to tell in time.

    An environment that hardly anybody calls would keep a rollback open for nothing.
    """
    if seconds < rule.grace or requests >= rule.enough:
        return None
    if (ahead := requests / seconds * rule.within) >= rule.enough:
        return None
    return Recovery(
        word=RecoveryWord.UNVERIFIED,
        reason=(
            f"{requests} requests in {seconds:.0f} s since it was put back, so some {ahead:.0f} "
            f"within {rule.within:.0f} s: {rule.enough} would tell"
        ),
        requests=requests,
    )
