"""The watch over one stage: windows go in, and what ends the stage comes out."""

from enum import StrEnum
from typing import NamedTuple

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.harm import Harm, HarmBudget, Served, crossed
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.share import ShareRuling, ShareWord, share_is_as_asked
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.thresholds import ThresholdRule, blind, first_crossed, longest_span
from workflows.domain.canary.verdict import Verdict, Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow
from workflows.domain.values import Percent, Value, View

NOTHING_YET = Verdict(word=Word.NO_DATA, reason="nothing has been measured yet")


class ShareAsked(Value):
    """The weight that was set; sticky sessions are split as a whole, so they count as one.

    `marked` says that a header sends requests to the canary as well, which the source cannot tell
    from the others: then only a share that is too small proves anything.
    """

    percent: Percent
    requests_per_session: float = 1.0
    marked: bool = False


class WatchRules(Value):
    """What a stage is watched for.

    `judge.horizon` is how long the stage lasts. Without `compares` there is no version beside the
    new one any more, as in the bake: then thresholds alone can fail it, and traffic must have
    shown that none of them did.
    """

    judge: JudgeConfig
    compares: bool = True
    thresholds: tuple[ThresholdRule, ...] = ()
    share: ShareAsked | None = None
    budget: HarmBudget | None = None
    spent: Harm = Harm()


class Cause(StrEnum):
    """Which rule failed a canary."""

    JUDGE = "judge"
    THRESHOLD = "threshold"
    HARM = "harm"
    SHARE = "share"


class WatchState(Value):
    """How far the watch has come: all that a successor needs to go on; bounded.

    Times are seconds of the epoch by the source's clock. `canary_at` is when the new version
    first got traffic, `stage_at` when this stage began, `silent_since` since when the source has
    not answered. `recent` are the windows that a threshold may still look at.
    """

    mark: Mark
    canary_at: float
    stage_at: float
    evidence: Evidence
    served: Served = Served()
    recent: tuple[JudgeWindow, ...] = ()
    verdict: Verdict = NOTHING_YET
    silent_since: float | None = None
    silence: str = ""
    cause: Cause | None = None
    share: ShareRuling | None = None

    @property
    def lasted(self) -> float:
        """Seconds of the stage that have been looked at."""
        return self.mark.at - self.stage_at


class Carried(Value):
    """What one stage's watch leaves to the next: its evidence, and when it all began."""

    canary_at: float
    evidence: Evidence


class Watched(View):
    """How a stage's watch ended, or where it stands."""

    verdict: Verdict
    cause: Cause | None = None
    served: Served = Served()
    share: ShareRuling | None = None
    watch: int = 0
    """Which watch of its promotion this is of, counted from 1."""
    seconds: float = 0.0
    early: bool = False
    """Whether it ended before its time."""
    carried: Carried | None = None

    def __str__(self) -> str:
        return str(self.verdict)


class Arms(NamedTuple):
    """The names under which the two versions are measured; no baseline in the bake."""

    canary: str
    baseline: str | None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.canary,) if self.baseline is None else (self.canary, self.baseline)


def begun(rules: WatchRules, mark: Mark, carried: Carried | None) -> WatchState:
    """A watch that begins at *mark*, going on from what an earlier stage carried over."""
    if carried is None:
        return WatchState(
            mark=mark, canary_at=mark.at, stage_at=mark.at, evidence=begin(rules.judge)
        )
    return WatchState(
        mark=mark,
        canary_at=carried.canary_at,
        stage_at=mark.at,
        evidence=carried.evidence,
    )


def looked(rules: WatchRules, state: WatchState, arms: Arms, span: Span) -> WatchState:
    """The watch once it has seen one span more; the first rule that is broken fails it."""
    window = JudgeWindow(
        at=span.mark.at - state.canary_at,
        canary=span.arms.get(arms.canary),
        baseline=span.arms.get(arms.baseline) if arms.baseline is not None else None,
    )
    config = _config_for(rules.judge, state, span)
    evidence, verdict = state.evidence, state.verdict
    if rules.compares:
        evidence, verdict = look(config, state.evidence, window)
    seen = state.model_copy(
        update={
            "mark": span.mark,
            "evidence": evidence,
            "served": state.served + _served(rules, window),
            "recent": _recent(rules, (*state.recent, window)),
            "silent_since": None,
            "silence": "",
        }
    )
    return _ruled(rules, seen, verdict)


def silent(state: WatchState, *, now: float, why: str) -> WatchState:
    """The watch after a look that the source did not answer: *why* is not the canary's fault."""
    since = state.silent_since if state.silent_since is not None else now
    return state.model_copy(update={"silent_since": since, "silence": why})


def ended(rules: WatchRules, state: WatchState, *, now: float) -> Watched | None:
    """How the watch ended, or None while it goes on.

    Harm ends it at once, and so does a pass that came early. When its time is over the last word
    stands; with a source that does not answer, nobody knows, which is neither good nor bad. A
    source is asked once more before that: a query that failed by itself is no silence.
    """
    if state.verdict.word in (Word.FAIL, Word.PASS):
        early = state.lasted < rules.judge.horizon
        return report(state).model_copy(update={"early": early})
    if state.silent_since is not None and now - state.stage_at >= rules.judge.horizon:
        if now - state.silent_since < rules.judge.interval:
            return None
        unheard = Verdict(
            word=Word.PROVIDER_ERROR,
            reason=f"the source of metrics does not answer: {state.silence}",
            metrics=state.verdict.metrics,
        )
        return report(state.model_copy(update={"verdict": unheard}))
    return report(state) if state.lasted >= rules.judge.horizon else None


def report(state: WatchState) -> Watched:
    """Where the watch stands."""
    return Watched(
        verdict=state.verdict,
        cause=state.cause,
        served=state.served,
        share=state.share,
        seconds=state.lasted,
        carried=Carried(canary_at=state.canary_at, evidence=state.evidence),
    )


def _ruled(rules: WatchRules, state: WatchState, verdict: Verdict) -> WatchState:
    share = _share(rules, state.served)
    failed = _first_failure(rules, state, verdict, share)
    if failed is not None:
        cause, reason = failed
        word = verdict.model_copy(update={"word": Word.FAIL, "reason": reason})
        return state.model_copy(update={"verdict": word, "cause": cause, "share": share})
    unkept = blind(_thresholds(rules, state), state.recent)
    if not rules.compares:
        verdict = _baked(rules, state, unkept)
    elif verdict.word is Word.PASS and unkept:
        verdict = verdict.model_copy(update={"reason": "; ".join([verdict.reason, *unkept])})
    return state.model_copy(update={"verdict": verdict, "share": share})


def _share(rules: WatchRules, served: Served) -> ShareRuling | None:
    """What the requests of this stage say of the router; None where nothing can be said."""
    asked = rules.share
    if asked is None or not rules.compares:
        return None
    ruling = share_is_as_asked(
        asked.percent,
        canary_requests=served.requests,
        all_requests=served.requests + served.baseline_requests,
        requests_per_session=asked.requests_per_session,
    )
    too_many = ruling.measured is not None and 100 * ruling.measured > asked.percent
    if asked.marked and too_many and ruling.word is ShareWord.LYING:
        return ruling.model_copy(update={"word": ShareWord.TOO_FEW_TO_SAY})
    return ruling


def _first_failure(
    rules: WatchRules, state: WatchState, verdict: Verdict, share: ShareRuling | None
) -> tuple[Cause, str] | None:
    if (over := crossed(rules.budget, rules.spent + state.served.harm)) is not None:
        return Cause.HARM, over
    if (crossing := first_crossed(_thresholds(rules, state), state.recent)) is not None:
        return Cause.THRESHOLD, str(crossing)
    if share is not None and share.word is ShareWord.LYING:
        return Cause.SHARE, f"the router does not serve its weight: {share.reason}"
    if verdict.word is Word.FAIL:
        return Cause.JUDGE, verdict.reason
    return None


def _thresholds(rules: WatchRules, state: WatchState) -> tuple[ThresholdRule, ...]:
    return tuple(_in_buckets(rule, state.mark) for rule in rules.thresholds)


def _baked(rules: WatchRules, state: WatchState, unkept: tuple[str, ...]) -> Verdict:
    """The word of a stage in which nothing is compared: passed once its time is over.

    A threshold that saw too little to be kept is not one that held.
    """
    served = state.served
    if served.requests <= 0:
        return Verdict(word=Word.NO_DATA, reason="the new version served no requests")
    over = state.lasted >= rules.judge.horizon
    if over and unkept:
        return Verdict(word=Word.NO_DATA, reason="; ".join(unkept))
    return Verdict(
        word=Word.PASS if over else Word.INCONCLUSIVE,
        reason=f"no threshold crossed in {served.requests} requests, {served.failed} failed",
        canary_requests=served.requests,
        canary_errors=served.failed,
    )


def _config_for(config: JudgeConfig, state: WatchState, span: Span) -> JudgeConfig:
    """The judge's instructions with what only the source knows: the buckets of histograms."""
    return config.model_copy(
        update={
            "stage_begins": state.stage_at - state.canary_at,
            "metrics": tuple(_with_bounds(metric, span) for metric in config.metrics),
        }
    )


def _with_bounds(metric: MetricConfig, span: Span) -> MetricConfig:
    if metric.type != "histogram" or metric.bounds:
        return metric
    return metric.model_copy(update={"bounds": span.bounds.get(metric.field, ())})


def _in_buckets(rule: ThresholdRule, mark: Mark) -> ThresholdRule:
    if rule.type != "quantile" or rule.bounds:
        return rule
    return rule.model_copy(update={"bounds": mark.bounds.get(rule.field, ())})


def _recent(rules: WatchRules, windows: tuple[JudgeWindow, ...]) -> tuple[JudgeWindow, ...]:
    """The windows that a threshold may still look at."""
    since = windows[-1].at - longest_span(rules.thresholds)
    return tuple(window for window in windows if window.at > since)


def _served(rules: WatchRules, window: JudgeWindow) -> Served:
    lost = rules.budget.lost if rules.budget is not None else None
    figure = next((m for m in rules.judge.metrics if lost and m.name == lost.metric), None)
    ours, theirs = window.canary or ArmWindow(), window.baseline or ArmWindow()
    # A ratio needs both versions: what is seen of one alone says nothing about what was lost.
    counts = figure is not None and window.has_both
    return Served(
        requests=round(ours.values.get("requests", 0)),
        failed=round(ours.values.get("errors", 0)),
        baseline_requests=round(theirs.values.get("requests", 0)),
        baseline_failed=round(theirs.values.get("errors", 0)),
        gained=_of(ours, figure.numerator) if figure and counts else 0.0,
        asked=_of(ours, figure.denominator) if figure and counts else 0.0,
        baseline_gained=_of(theirs, figure.numerator) if figure and counts else 0.0,
        baseline_asked=_of(theirs, figure.denominator) if figure and counts else 0.0,
    )


def _of(arm: ArmWindow, name: str) -> float:
    return arm.values.get(name, 0.0)
