"""A source that counts as it is told and a time that passes as it is asked to."""

from collections.abc import Callable
from typing import ClassVar

from activities.metrics.activities import MetricsActivities
from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.measures import ERRORS, REQUESTS
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.watch import WatchRules
from workflows.domain.canary.windows import ArmWindow
from workflows.domain.errors import Unavailable
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.metrics import WatchCanary

TARGET = Target(service="checkout", environment="staging")
NEW, OLD = digest_of("new"), digest_of("old")
CANARY, BASELINE = arm_name("checkout", NEW), arm_name("checkout", OLD)
SOURCE = Provider(type="scripted", connection="staging")
BEGAN = 1_000_000.0
MINUTE = 60.0


class ScriptedPace:
    """Time passes by waiting alone; *at_each* is called with the time after each wait."""

    def __init__(self, at_each: Callable[[float], None] | None = None) -> None:
        self.at = BEGAN
        self.waits: list[float] = []
        self.beats: list[str] = []
        self.left = None
        self._at_each = at_each

    def now(self):
        return self.at

    def wait(self, seconds):
        self.waits.append(seconds)
        self.at += seconds
        if self._at_each is not None:
            self._at_each(self.at)

    def beat(self, state):
        self.beats.append(state.model_dump_json())

    def kept(self, kind):
        return None if self.left is None else kind.model_validate_json(self.left)


class ScriptedSource:
    """Each arm adds *adds* to its counters in each second; it is down while the time is in *down*.

    *looks* are the spans that were answered; a span without its points yet is a test's mistake.
    """

    type: ClassVar[str] = "scripted"

    def __init__(self, pace, *, remembers=True, settles=0.0, down=(), **arms) -> None:
        self.remembers = remembers
        self.settles = settles
        self.pace = pace
        self.arms = arms or {"canary": {"requests": 10, "errors": 0}}
        self.down = down
        self.warnings: tuple[str, ...] = ()
        self.looks: list[tuple[float, float]] = []

    def mark(self, arms, measures, *, at=None):
        self._answer()
        return Mark(at=self.pace.at if at is None else at)

    def span(self, mark, arms, measures, *, until):
        self._answer()
        newest = self.pace.at - self.settles
        end = newest if until is None or not self.remembers else until
        assert end <= newest, "asked for points that are not there yet"
        self.looks.append((mark.at, end))
        return Span(
            mark=Mark(at=end),
            arms={arm: self._arm(arm, end - mark.at) for arm in arms},
            warnings=self.warnings,
        )

    def _arm(self, arm, seconds):
        adds = self.arms.get("canary" if arm == CANARY else "baseline", self.arms.get("canary"))
        if adds is None:
            return None
        return ArmWindow(values={name: count * seconds for name, count in adds.items()})

    def _answer(self):
        if any(start <= self.pace.at < end for start, end in self.down):
            raise Unavailable("the source is down")


def activities(source, tell=lambda _seen: None):
    return MetricsActivities({"staging": source}, pace=lambda: source.pace, tell=tell)


def the_ask(*, horizon=30 * MINUTE, source=SOURCE, **changes):
    judge = JudgeConfig(
        interval=MINUTE,
        horizon=horizon,
        metrics=(
            MetricConfig(
                name="error-rate", type="ratio", numerator="errors", denominator="requests"
            ),
        ),
    )
    given = {
        "target": TARGET,
        "source": source,
        "canary": NEW,
        "baseline": OLD,
        "measures": (REQUESTS, ERRORS),
        "rules": WatchRules(judge=judge),
        "watch": 3,
    }
    return WatchCanary(**{**given, **changes})
