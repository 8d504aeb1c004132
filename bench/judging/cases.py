"""The labelled cases, and what a judge makes of one: a look each window, until it decides."""

import gzip
import importlib
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CASES = Path("bench/data/cases.jsonl.gz")
PROCESSES = 2


@dataclass(frozen=True)
class Row:
    """How one case ended."""

    id: str
    family: str
    regression: bool
    rate: float | None
    verdict: str
    at: float
    onset: float
    horizon: float
    detected: bool
    exposed: float
    """Requests to the canary from the onset to the rollback, or to the horizon."""
    exposed_at_most: float
    milliseconds: float
    """Of CPU time, per look."""
    reason: str

    @property
    def is_false(self):
        return self.verdict == "rollback" and not self.detected

    @property
    def to_detect(self):
        return self.at - self.onset

    @property
    def restricted(self):
        return (self.at if self.detected else self.horizon) - self.onset


def load_cases(families=(), path=CASES):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    return [c for c in cases if not families or c["label"]["family"] in families]


def run_case(judge, case):
    """Rows are the same each time but for their milliseconds."""
    started, looks, answer = time.process_time(), 0, {"verdict": "continue"}
    at = 0.0
    for window in case["windows"]:
        answer = judge.update(window)
        looks, at = looks + 1, window["t"]
        if answer["verdict"] != "continue":
            break
    spent = 1000 * (time.process_time() - started) / max(1, looks)
    return _row(case, answer, at, spent)


def _row(case, answer, at, spent):
    label, horizon = case["label"], case["config"]["horizon_s"]
    onset = label["onset_s"]
    detected = answer["verdict"] == "rollback" and label["regression"] and at > onset
    return Row(
        id=case["id"],
        family=label["family"],
        regression=label["regression"],
        rate=label.get("rate_rps"),
        verdict=answer["verdict"],
        at=at,
        onset=onset,
        horizon=horizon,
        detected=detected,
        exposed=_requests(case, onset, at if detected else horizon),
        exposed_at_most=_requests(case, onset, horizon),
        milliseconds=spent,
        reason=answer.get("reason", ""),
    )


def _requests(case, after, until):
    return sum(
        (window["canary"] or {}).get("requests", 0)
        for window in case["windows"]
        if after < window["t"] <= until
    )


def run_cases(factory, cases, options=None):
    """*factory* is `module:function`; it is called with a case's config and *options*."""
    jobs = [(factory, options or {}, cases[part::PROCESSES]) for part in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        return [row for rows in pool.map(_run_part, jobs) for row in rows]


def _run_part(job):
    factory, options, cases = job
    module, name = factory.split(":")
    make = getattr(importlib.import_module(module), name)
    return [run_case(make(case["config"], **options), case) for case in cases]
