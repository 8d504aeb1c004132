"""A metric source that makes up its counts, and judges them as the real one does."""

from itertools import accumulate

from workflows.domain.canary.first_judge import judge
from workflows.domain.canary.verdict import ArmCounts, Verdict, Word
from workflows.domain.values import Target
from workflows.ports.metrics import JudgeCanary, MetricsPort, OpenWindow, Window

_EDGES = (10.0, 100.0, 1000.0)
_FAST, _SLOW = 0, 2


class FakeMetrics(MetricsPort):
    """Healthy until told otherwise, target by target; the same questions get the same answers.

    `error_ratio` is the canary's, as baselines never err; `slow` canaries take over 100 ms where
    the baseline takes under 10; `silent` ones serve nothing. While `down`, windows open, and
    every look is a `providerError`.
    """

    def __init__(self) -> None:
        self.error_ratio: dict[Target, float] = {}
        self.requests_per_look = 500
        self.slow: set[Target] = set()
        self.silent: set[Target] = set()
        self.down = False
        self.opened: list[OpenWindow] = []
        self.judged: list[JudgeCanary] = []

    def open_window(self, ask: OpenWindow) -> Window:
        self.opened.append(ask)
        return Window(at=0.0, canary=ArmCounts(), baseline=ArmCounts())

    def judge_canary(self, ask: JudgeCanary) -> Verdict:
        self.judged.append(ask)
        if self.down:
            return Verdict(word=Word.PROVIDER_ERROR, reason="the metric source is down")
        requests = self.requests_per_look * max(1, ask.look)
        served = 0 if ask.target in self.silent else requests
        return judge(
            ask.rules,
            canary=_counts(
                served,
                error_ratio=self.error_ratio.get(ask.target, 0.0),
                slot=_SLOW if ask.target in self.slow else _FAST,
            ),
            baseline=_counts(requests, error_ratio=0.0, slot=_FAST),
        )


def _counts(requests: int, *, error_ratio: float, slot: int) -> ArmCounts:
    slots = [requests if at == slot else 0 for at in range(len(_EDGES))]
    return ArmCounts(
        requests=requests,
        errors=round(requests * error_ratio),
        buckets=tuple(zip(_EDGES, accumulate(slots), strict=True)),
    )
