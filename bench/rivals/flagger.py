"""Flagger's analysis: every check of all metrics at once, failed checks are counted.

Published behaviour: a check fails when any metric is out of its range; failed checks are counted
over the whole rollout and never reset; the rollback follows at the first interval that finds the
count at the threshold. A metric without values halts the advancement: here it is no failure.
"""

from bench.rivals.series import is_worse, value


class Flagger:
    def __init__(self, config, *, threshold):
        self._metrics = config["metrics"]
        self._threshold = threshold
        self._horizon = config["horizon_s"]
        self._failed = 0

    def update(self, window):
        if self._failed >= self._threshold:
            return {"verdict": "rollback", "reason": f"{self._failed} failed checks"}
        values = [(metric, value(metric, window["canary"])) for metric in self._metrics]
        self._failed += any(
            ours is not None and is_worse(metric, ours, metric["slo"]) for metric, ours in values
        )
        return {"verdict": "promote" if window["t"] >= self._horizon else "continue"}


def make(config, *, threshold=5):
    return Flagger(config, threshold=threshold)
