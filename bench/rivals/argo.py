"""Argo Rollouts' analysis: each measurement meets a condition or fails, failures are counted.

Published behaviour: a metric fails when its failed measurements *exceed* `failureLimit`, counted
over the whole run and never forgotten; a measurement without data is inconclusive and here
ignored. `absolute` compares with a fixed limit, otherwise with the baseline's value of the moment.
"""

from bench.rivals.series import is_worse, value


class Argo:
    def __init__(self, config, *, absolute, failure_limit):
        self._metrics = config["metrics"]
        self._absolute = absolute
        self._limit = failure_limit
        self._horizon = config["horizon_s"]
        self._failures = [0] * len(self._metrics)

    def update(self, window):
        for index, metric in enumerate(self._metrics):
            ours = value(metric, window["canary"])
            limit = self._bound(metric, window)
            if ours is None or limit is None:
                continue
            self._failures[index] += is_worse(metric, ours, limit)
            if self._failures[index] > self._limit:
                return {"verdict": "rollback", "reason": metric["name"]}
        return {"verdict": "promote" if window["t"] >= self._horizon else "continue"}

    def _bound(self, metric, window):
        if self._absolute:
            return metric["slo"]
        theirs = value(metric, window["control"])
        if theirs is None:
            return None
        sign = -1 if metric["direction"] == "decrease" else 1
        return theirs * (1 + sign * metric["margin"])


def make(config, *, absolute=True, failure_limit=3):
    return Argo(config, absolute=absolute, failure_limit=failure_limit)
