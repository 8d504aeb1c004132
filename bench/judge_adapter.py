"""Our judge behind the factory that labelled benchmark cases are run through."""

from typing import Any

from workflows.domain.canary.config import Criticality, JudgeConfig, MetricConfig
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

_VERDICTS = {Word.PASS: "promote", Word.FAIL: "rollback"}


class Judge:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = _config(config)
        self.evidence = begin(self.config)

    def update(self, window: dict[str, Any]) -> dict[str, Any]:
        one = JudgeWindow(
            at=window["t"], canary=_arm(window.get("canary")), baseline=_arm(window.get("control"))
        )
        self.evidence, verdict = look(self.config, self.evidence, one)
        return {"verdict": _VERDICTS.get(verdict.word, "continue"), "reason": verdict.reason}


def make_judge(config: dict[str, Any]) -> Judge:
    return Judge(config)


def _arm(arm):
    if arm is None:
        return None
    return ArmWindow(
        values={k: v for k, v in arm.items() if isinstance(v, (int, float))},
        histograms={k: tuple(v) for k, v in arm.items() if isinstance(v, list)},
    )


def _config(config):
    ms = []
    for m in config["metrics"]:
        ms.append(
            MetricConfig(
                name=m["name"],
                type=m["type"],
                numerator=m.get("num", ""),
                denominator=m.get("den", ""),
                field=m.get("field", ""),
                bounds=tuple(m.get("bounds", ())),
                quantile=m.get("quantile", 0.99),
                direction=m["direction"],
                tolerance=m["tolerance"],
                margin=m["margin"],
            )
        )
    return JudgeConfig(
        interval=config["interval_s"],
        horizon=config["horizon_s"],
        criticality=config["criticality"],
        metrics=tuple(ms),
    )
