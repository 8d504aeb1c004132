"""What the tests of a stage's watch are told with: windows of both versions."""

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.watch import Arms, WatchRules, begun, ended, looked
from workflows.domain.canary.windows import ArmWindow

ARMS = Arms(canary="checkout-new", baseline="checkout-old")
BEGAN = 1_000_000.0
MINUTE = 60.0
ERROR_RATE = MetricConfig(
    name="error-rate", type="ratio", numerator="errors", denominator="requests"
)


def a_judge(**changes):
    given = {"interval": MINUTE, "horizon": 30 * MINUTE, "metrics": (ERROR_RATE,)}
    return JudgeConfig(**{**given, **changes})


def rules(*, judge=None, **changes):
    return WatchRules(judge=judge or a_judge(), **changes)


def arm(requests=1000, errors=2, **more):
    return ArmWindow(values={"requests": requests, "errors": errors, **more})


def span(number, canary=None, baseline=None, **more):
    """The *number*th minute of the stage."""
    mark = Mark(at=BEGAN + number * MINUTE, **more)
    return Span(mark=mark, arms={ARMS.canary: canary, ARMS.baseline: baseline})


def watched(its_rules, spans, state=None, arms=ARMS):
    """The state once *spans* were looked at, or until the watch ends."""
    state = state or begun(its_rules, Mark(at=BEGAN), None)
    for each in spans:
        if ended(its_rules, state, now=state.mark.at) is not None:
            break
        state = looked(its_rules, state, arms, each)
    return state


def end(its_rules, spans, state=None, arms=ARMS):
    state = watched(its_rules, spans, state, arms)
    return ended(its_rules, state, now=state.mark.at)
