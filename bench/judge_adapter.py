"""Our judge behind the factory that labelled benchmark cases are run through.

`make_judge(config)` gives an object whose `update(window)` answers `continue`, `promote` or
`rollback`. Whatever a case leaves out has a default; what cannot be read is no sample. There is no
early promotion unless the case's configuration asks for it.
"""

from math import isfinite

from workflows.domain.canary.config import JudgeConfig, MetricConfig
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

_ANSWERS = {Word.PASS: "promote", Word.FAIL: "rollback"}
_TYPES = ("ratio", "histogram", "gauge", "count")
_DIRECTIONS = ("increase", "decrease", "both")
# Tolerance and margin where a case names none.
_MARGINS = {"histogram": (0.05, 0.25), "gauge": (0.05, 0.25)}
_OTHER_MARGINS = {"decrease": (0.01, 0.1)}


class CaseJudge:
    """One case: its configuration, and the evidence so far."""

    def __init__(self, config, **changes):
        self.config = judge_config(config).model_copy(update=changes)
        self._evidence = begin(self.config)

    def update(self, window):
        at = _number(window.get("t"), self._evidence.at + self.config.interval)
        one = JudgeWindow(
            at=at, canary=_arm(window.get("canary")), baseline=_arm(window.get("control"))
        )
        self._evidence, verdict = look(self.config, self._evidence, one)
        return {
            "verdict": _ANSWERS.get(verdict.word, "continue"),
            "reason": f"{verdict.word}: {verdict.reason}",
            "metric": verdict.deciding,
        }


def make_judge(config, **changes):
    """A judge for one case; *changes* are fields of its configuration, for ablations."""
    return CaseJudge(config, **changes)


def judge_config(config):
    split = config.get("split") or {}
    ours, theirs = _number(split.get("canary"), 0.5), _number(split.get("control"), 0.5)
    criticality = config.get("criticality")
    return JudgeConfig(
        interval=max(1e-6, _number(config.get("interval_s"), 60.0)),
        horizon=max(1e-6, _number(config.get("horizon_s"), 3600.0)),
        criticality=criticality if criticality in list(Criticality) else Criticality.NORMAL,
        split=ours / (ours + theirs) if ours > 0 and theirs > 0 else 0.5,
        metrics=_metrics(config.get("metrics") or []),
        early_promotion=bool(config.get("early_promotion", False)),
    )


def _metrics(found):
    known = [one for one in found if one.get("type") in _TYPES]
    return tuple(_metric(index, one) for index, one in enumerate(known))


def _metric(index, one):
    direction = one.get("direction")
    direction = direction if direction in _DIRECTIONS else "increase"
    usual = _MARGINS.get(one["type"]) or _OTHER_MARGINS.get(direction, (0.1, 0.5))
    quantile = _number(one.get("quantile"), 0.99)
    return MetricConfig(
        # Two metrics of one name are still two.
        name=f"{one.get('name') or one['type']}{f'#{index}' if index else ''}",
        type=one["type"],
        numerator=one.get("num") or one.get("field") or "",
        denominator=one.get("den") or "",
        field=one.get("field") or one.get("name") or "",
        bounds=[edge for edge in one.get("bounds") or [] if isfinite(edge)],
        quantile=quantile / 100 if quantile > 1 else quantile,
        direction=direction,
        tolerance=_number(one.get("tolerance"), usual[0]),
        margin=_number(one.get("margin"), usual[1]),
        weight=_number(one.get("weight"), 1.0),
        warmup="shared" if one.get("warmup") == "shared" else "own",
    )


def _arm(arm):
    if not isinstance(arm, dict):
        return None
    values = {name: float(value) for name, value in arm.items() if _is_number(value)}
    histograms = {
        name: [round(count) for count in value]
        for name, value in arm.items()
        if isinstance(value, list) and all(map(_is_number, value))
    }
    return ArmWindow(values=values, histograms=histograms)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _number(value, default):
    return float(value) if _is_number(value) else default
