import random
import re
from bisect import bisect_left
from pathlib import Path

import pytest

from examples.shop.build import digests
from examples.shop.refresh_digests import main, refreshed
from starters.files.linting import lint
from starters.files.spec_file import load_order
from workflows.domain.admission.admission import admit
from workflows.domain.canary.judge import judge
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

SHOP = Path(__file__).parents[3] / "examples" / "shop"
RELEASES = sorted((SHOP / "releases").glob("*.yaml"))

BOUNDS = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0, 200.0)
PACES = (4, 9, 9, 12, 12, 14, 14, 18, 18, 24, 28, 38)
"""Milliseconds of one order after the other, again and again."""

ORDERS_A_SECOND = 60


def plan_of(name):
    order = load_order(SHOP / "releases" / f"{name}.yaml", requested_by="eve")
    return admit(order).plan


def test_there_are_seven():
    assert [path.stem for path in RELEASES] == ["v1", "v2", "v3", "v4", "v5", "v6", "v7"]


def test_the_example_has_no_problem():
    assert lint([SHOP]) == ()


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_every_digest_is_that_of_the_build(path):
    """Mend it with `python -m examples.shop.refresh_digests`."""
    built = digests()

    for promotion in plan_of(path.stem).promotions:
        artifact = promotion.artifact
        assert artifact.digest == built[artifact.service][artifact.version]


@pytest.mark.parametrize("name", [path.stem for path in RELEASES if path.stem != "v7"])
def test_every_release_goes_through_staging_and_a_guarded_production(name):
    staging, production = plan_of(name).stages

    assert (staging.environment, staging.gate) == ("staging", None)
    assert set(production.gate.people) == {"ana", "ben"}


def test_the_one_without_traffic_is_compared_where_nobody_orders():
    (staging,) = plan_of("v7").stages

    assert staging.environment == "staging"
    assert any(step.analysis for step in staging.promotions[0].steps)


def test_what_a_service_calls_goes_before_it():
    for stage in plan_of("v2").stages:
        services = [promotion.target.service for promotion in stage.promotions]
        assert services == ["inventory", "payments", "checkout"]


def test_refreshing_writes_the_digest_of_the_build():
    text = (SHOP / "releases" / "v3.yaml").read_text(encoding="utf-8")
    stale = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", text)

    assert stale != text
    assert refreshed(stale) == text


def test_checking_changes_nothing_and_says_what_is_out_of_date(tmp_path, monkeypatch, capsys):
    stale = (SHOP / "releases" / "v3.yaml").read_text(encoding="utf-8")
    stale = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", stale)
    (tmp_path / "v3.yaml").write_text(stale, encoding="utf-8")
    monkeypatch.setattr("examples.shop.refresh_digests.RELEASES", tmp_path)

    with pytest.raises(SystemExit):
        main(["--check"])

    assert capsys.readouterr().out == "v3.yaml: out of date\n"
    assert (tmp_path / "v3.yaml").read_text(encoding="utf-8") == stale


def arm(measures, rng, requests, *, errors=0.0, slower=1.0, conversion=1.0):
    """What a version of checkout served in a second."""
    accepted, asked = (m.name for m in measures if m.selector is not None)
    served = int(requests)
    failed = sum(rng.random() < errors for _ in range(served))
    bought = sum(rng.random() < conversion for _ in range(served - failed))
    buckets = [0] * (len(BOUNDS) + 1)
    for _ in range(served):
        buckets[bisect_left(BOUNDS, rng.choice(PACES) * slower)] += 1
    values = {"requests": served, "errors": failed, accepted: bought, asked: served - failed}
    return ArmWindow(values=values, histograms={"latency": tuple(buckets)})


@pytest.mark.parametrize(
    ("faults", "word", "decides"),
    [
        ({}, Word.PASS, ""),
        ({"errors": 0.03}, Word.FAIL, "error-rate"),
        ({"slower": 1.8}, Word.FAIL, "latency"),
        ({"conversion": 0.85}, Word.FAIL, "conversion"),
    ],
    ids=["good", "v3", "v4", "v6"],
)
def test_the_shops_rules_tell_good_versions_from_bad_in_time(faults, word, decides):
    """At a quarter of 60 orders a second, within the minute that a stage may be extended to."""
    steps = plan_of("v3").stages[1].promotions[0].steps
    (first, *_) = (step.analysis for step in steps if step.analysis is not None)
    metrics = tuple(
        m.model_copy(update={"bounds": BOUNDS}) if m.type == "histogram" else m
        for m in first.judge.metrics
    )
    config = first.judge.model_copy(update={"metrics": metrics, "horizon": 60.0})
    rng = random.Random(7)

    windows = [
        JudgeWindow(
            at=second,
            canary=arm(first.measures, rng, ORDERS_A_SECOND / 4, **faults),
            baseline=arm(first.measures, rng, ORDERS_A_SECOND * 3 / 4),
        )
        for second in range(1, 61)
    ]
    verdict = judge(config, windows)

    assert (verdict.word, verdict.deciding) == (word, decides)
    assert "a demonstration" in verdict.reason
