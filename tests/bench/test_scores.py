from bench.judging.cases import run_case
from bench.judging.figures import claims
from bench.judging.scores import quantile, scored, wilson


class After:
    """Rolls back after so many looks."""

    def __init__(self, looks):
        self._left = looks

    def update(self, window):
        self._left -= 1
        return {"verdict": "continue" if self._left else "rollback"}


def test_a_rollback_counts_from_the_onset_and_not_before():
    early, late, never = (run_case(After(looks), case(regression=True)) for looks in (1, 4, 9))

    assert (early.detected, early.is_false) == (False, True)
    assert (late.detected, late.to_detect, late.exposed) == (True, 120, 20)
    assert (never.detected, never.restricted, never.exposed) == (False, 180, 30)


def test_figures_of_a_judge():
    rows = [
        run_case(After(4), case(regression=True)),
        run_case(After(9), case(regression=True)),
        run_case(After(2), case(regression=False)),
        run_case(After(9), case(regression=False)),
    ]

    found = scored(rows)

    assert (found["false"], found["false_rate"], found["power"]) == (1, 0.5, 0.5)
    assert (found["median_minutes"], found["restricted_minutes"]) == (2, 2.5)
    assert found["worst_family_false"] == 1


def test_quantiles_and_intervals():
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([], 0.5) is None
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 28)[1] < 0.13


def test_a_claim_that_is_missed_is_said():
    figures = scored(
        [run_case(After(2), case(regression=False)) for _ in range(9)]
        + [run_case(After(4), case(regression=True))]
    )
    figures["exposed"] = 0.4
    figures["obvious"] = figures | {"power": 1.0}

    found = claims(figures, {"boundary": {10: 0.02}, "peeking": {60: 0.5}})

    assert [one["says"] for one in found if not one["reached"]] == [
        "at most 6 equal canaries of 308 rolled back",
        "at most 2 of the worst family's 28",
        "at most alpha (10 %) of equal canaries in 60 looks",
    ]


def case(*, regression):
    return {
        "id": "one",
        "config": {"horizon_s": 300},
        "label": {"family": "x", "regression": regression, "onset_s": 120 if regression else 0},
        "windows": [{"t": 60 * at, "canary": {"requests": 10}} for at in range(1, 6)],
    }
