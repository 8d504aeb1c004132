from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.risk.calibration import (
    Sigmoid,
    brier,
    calibrated,
    fit,
    left_out,
    reliability,
)
from workflows.domain.risk.facts import Tally
from workflows.domain.spec.risk import CalibrationSpec

SPEC = CalibrationSpec()
TRUTH = Sigmoid(slope=6.0, intercept=-4.5)


def drawn(outcomes, truth=TRUTH, *, seed=7):
    """Outcomes of scores all over the scale, each failing as *truth* has it."""
    draw = Random(seed)
    counts = {score: [0, 0] for score in range(101)}
    for _ in range(outcomes):
        score = draw.randint(0, 100)
        counts[score][draw.random() < truth(score)] += 1
    return tuple(
        Tally(score=score, kept=kept, failed=failed)
        for score, (kept, failed) in counts.items()
        if kept or failed
    )


def test_known_probabilities_are_found_again():
    found = fit(drawn(40_000))

    for score in (5, 25, 50, 75, 95):
        assert found(score) == pytest.approx(TRUTH(score), abs=0.015)


def test_the_fit_is_the_likeliest_one():
    """No sigmoid nearby has a smaller loss on the smoothed outcomes."""
    tally = drawn(300)
    found = fit(tally)

    def loss(sigmoid):
        failed, kept = sum(t.failed for t in tally), sum(t.kept for t in tally)
        high, low = (failed + 1) / (failed + 2), 1 / (kept + 2)
        return -sum(
            t.failed * cross(high, sigmoid(t.score)) + t.kept * cross(low, sigmoid(t.score))
            for t in tally
        )

    def cross(target, said):
        return target * log(said) + (1 - target) * log(1 - said)

    best = loss(found)
    for slope, intercept in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05), (0.05, -0.05)):
        near = Sigmoid(slope=found.slope + slope, intercept=found.intercept + intercept)
        assert loss(near) > best


def test_outcomes_that_a_score_parts_perfectly_still_have_a_finite_fit():
    found = fit((Tally(score=20, kept=40, failed=0), Tally(score=80, kept=0, failed=10)))

    assert 0 < found(20) < 0.1
    assert 0.8 < found(80) < 1


def test_outcomes_of_one_score_tell_their_rate():
    assert fit((Tally(score=40, kept=75, failed=25),))(40) == pytest.approx(0.25, abs=0.02)


def test_nothing_can_be_fitted_to_nothing():
    with pytest.raises(ValueError, match="no outcome"):
        fit(())


def test_the_brier_score_is_the_mean_squared_distance():
    """Worked by hand: (0.1² + 0.8² + 0.5²) / 3."""
    assert brier([(0.1, False), (0.2, True), (0.5, False)]) == pytest.approx(0.3)
    assert brier([(1.0, True), (0.0, False)]) == 0
    assert brier([(0.0, True)]) == 1
    with pytest.raises(ValueError, match="no outcome"):
        brier([])


def test_each_outcome_is_foretold_from_the_others_alone():
    """The same as leaving out one after the other by hand, outcome by outcome."""
    tally = drawn(60)
    flat = [(t.score, o) for t in tally for o in [True] * t.failed + [False] * t.kept]

    def counted(pairs):
        return tuple(
            Tally(
                score=s,
                kept=sum(score == s and not failed for score, failed in pairs),
                failed=sum(score == s and failed for score, failed in pairs),
            )
            for s in sorted({score for score, _ in pairs})
        )

    by_hand = brier(
        (fit(counted([*flat[:at], *flat[at + 1 :]]))(score), failed)
        for at, (score, failed) in enumerate(flat)
    )

    assert left_out(tally) == pytest.approx(by_hand, abs=1e-6)


def test_a_score_that_foretells_is_calibrated():
    found = calibrated(drawn(400), SPEC)

    assert found.holds
    assert found.brier < found.base_brier
    assert found.why.startswith("Brier 0.")


def test_a_score_without_any_bearing_on_the_end_is_not():
    """As good as its own sample may make it look: what counts is what it foretells."""
    held = [
        calibrated(drawn(200, Sigmoid(slope=0, intercept=-1.5), seed=seed), SPEC).holds
        for seed in range(20)
    ]

    assert sum(held) <= 4


def test_a_score_that_falls_where_failures_rise_is_not_whatever_it_foretells():
    found = calibrated(drawn(1000, Sigmoid(slope=-6, intercept=1)), SPEC)

    assert not found.holds
    assert found.brier < found.base_brier


@pytest.mark.parametrize(
    ("kept", "failed", "why"),
    [
        (30, 10, "40 of 50 outcomes known"),
        (60, 4, "4 of 5 failures known"),
        (3, 60, "only 3 releases stayed, at least 5 must have"),
        (0, 0, "0 of 50 outcomes known"),
    ],
)
def test_too_few_outcomes_hold_nothing(kept, failed, why):
    found = calibrated((Tally(score=10, kept=kept, failed=failed),), SPEC)

    assert (found.holds, found.why, found.brier) == (False, why, None)


def test_the_rate_alone_is_foretold_from_the_others_too():
    """Of 50 kept and 10 failed each is foretold by 9 or 10 of 59."""
    tally = tuple(Tally(score=score, kept=5, failed=1) for score in range(0, 100, 10))
    by_hand = brier([(9 / 59, True)] * 10 + [(10 / 59, False)] * 50)

    assert calibrated(tally, SPEC).base_brier == pytest.approx(by_hand)


def test_the_table_holds_what_was_said_against_what_came():
    tally = (Tally(score=12, kept=3, failed=1), Tally(score=100, kept=0, failed=2))
    flat = Sigmoid(slope=0, intercept=0)

    low, high = reliability(tally, flat)

    assert (low.low, low.high, low.outcomes, low.said, low.came) == (10, 20, 4, 0.5, 0.25)
    assert (high.low, high.high, high.outcomes, high.came) == (90, 101, 2, 1.0)


@given(
    st.lists(
        st.builds(
            Tally, score=st.integers(0, 100), kept=st.integers(0, 9), failed=st.integers(0, 9)
        ),
        min_size=1,
    ).filter(lambda tally: any(t.kept + t.failed for t in tally))
)
def test_every_fit_gives_probabilities(tally):
    found = fit(tally)

    assert all(0 <= found(score) <= 1 for score in (0, 50, 100))


@given(st.floats(-50, 50), st.floats(-800, 800))
def test_the_sigmoid_never_overflows(slope, intercept):
    said = Sigmoid(slope=slope, intercept=intercept)(50)

    assert said == pytest.approx(1 / (1 + exp(min(700, -(intercept + slope / 2)))), abs=1e-9)
