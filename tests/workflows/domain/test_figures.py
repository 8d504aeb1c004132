from datetime import UTC, datetime

import pytest

from workflows.domain import figures
from workflows.domain.canary.harm import Harm
from workflows.domain.canary.verdict import MetricVerdict, Word
from workflows.domain.release.status import Exposure, WatchView

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
BARE = MetricVerdict(name="error-rate", word=Word.NO_DATA, reason="no samples")


@pytest.mark.parametrize(
    ("exposure", "words"),
    [
        (Exposure(), ""),
        (Exposure(weight_measured=5.0), "5.0%"),
        (Exposure(weight_measured=5.0, weight_low=4.8, weight_high=5.2), "5.0% [4.8, 5.2]"),
    ],
)
def test_the_share_that_arrived(exposure, words):
    assert figures.share(exposure) == words


@pytest.mark.parametrize(("allowed", "words"), [(None, ""), (2000, "13/2000")])
def test_the_budget(allowed, words):
    assert figures.budget(Exposure(harm_budget=allowed), Harm(failed_requests=13)) == words


def test_what_is_not_known_is_not_said():
    assert figures.effect(BARE) == figures.interval(BARE) == figures.expected(BARE) == ""
    assert figures.samples(BARE) == "0"


def test_each_verdict_has_its_time():
    metric = BARE.model_copy(update={"harm_in_seconds": 90.0, "safe_in_seconds": 7200.0})

    assert figures.expected(metric) == "harm in 90 s, safety in 2 h"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60.0, "watched 60 s of 10 min, 9 min left"), (600.0, "watched 10 min of 10 min")],
)
def test_how_far_a_stage_has_come(seconds, words):
    watch = WatchView(began_at=NOON, planned_seconds=600.0, seconds=seconds)

    assert figures.progress(watch) == words
