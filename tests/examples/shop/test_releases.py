import random
import re
from bisect import bisect_left
from pathlib import Path

import pytest

from examples.shop.build import digests
from examples.shop.refresh_digests import main, refreshed
from examples.shop.versions import VERSIONS, Behaviour
from starters.linting import lint
from starters.spec_file import load_order
from workflows.domain.admission import admit
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

SHOP = Path(__file__).parents[3] / "examples" / "shop"
RELEASES = sorted((SHOP / "releases").glob("*.yaml"))


EDGES = (5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0)
BOUNDS = {"histogram": EDGES, "ratio": ()}
ACCEPTED, ORDERS = 'shop_orders_total{status="accepted"}', "shop_orders_total"


def plan_of(name):
    order = load_order(SHOP / "releases" / f"{name}.yaml", requested_by="eve")
    plan, _ = admit(order)
    return plan


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


def test_one_is_tried_in_staging_alone():
    (staging,) = plan_of("v7").stages

    assert staging.environment == "staging"


@pytest.mark.parametrize("path", RELEASES[:6], ids=lambda path: path.stem)
def test_every_other_release_goes_through_staging_and_a_guarded_production(path):
    staging, production = plan_of(path.stem).stages

    assert (staging.environment, staging.gate) == ("staging", None)
    assert set(production.gate.people) == {"ana", "ben"}


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


def served(source, requests, does: Behaviour):
    """What a version did in a second: most within 25 ms, now and then one that fails."""
    slots = [0] * (len(EDGES) + 1)
    for _ in range(requests):
        took = source.lognormvariate(2.5, 0.4) + does.extra_latency_ms
        slots[bisect_left(EDGES, took)] += 1
    failed = chosen(source, requests, max(does.error_rate, 0.002))
    orders = requests - failed
    return ArmWindow(
        values={
            "requests": requests,
            "errors": failed,
            ORDERS: orders,
            ACCEPTED: chosen(source, orders, 0.95 * does.conversion),
        },
        histograms={"latency": tuple(slots)},
    )


def chosen(source, of, ratio):
    return sum(source.random() < ratio for _ in range(of))


def verdict_of(does: Behaviour, seed):
    """The stage at 25 % of 60 orders a second, and the one at 50 % if that goes well."""
    source = random.Random(seed)  # noqa: S311 - traffic, not a secret
    steps = plan_of("v2").stages[1].promotions[-1].steps
    stages = [step.analysis.judge for step in steps if step.analysis is not None]
    evidence, at = begin(stages[0]), 0.0
    for judge, ours in zip(stages, (15, 30), strict=True):
        began = at
        metrics = tuple(m.model_copy(update={"bounds": BOUNDS[m.type]}) for m in judge.metrics)
        while at < began + judge.horizon:
            at += judge.interval
            window = JudgeWindow(
                at=at,
                canary=served(source, ours, does),
                baseline=served(source, 60 - ours, Behaviour()),
            )
            config = judge.model_copy(update={"stage_begins": began, "metrics": metrics})
            evidence, verdict = look(config, evidence, window)
            if verdict.word is Word.FAIL:
                return verdict
    return verdict


@pytest.mark.parametrize("seed", range(5))
def test_the_shops_rules_let_a_good_version_through(seed):
    assert verdict_of(VERSIONS["checkout"]["v2"], seed).word is not Word.FAIL


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("service", "version", "metric"),
    [
        ("checkout", "v3", "error-rate"),
        ("checkout", "v4", "latency-p99"),
        ("payments", "v5", "error-rate"),
        ("checkout", "v6", "conversion"),
    ],
)
def test_the_shops_rules_find_what_is_wrong_before_all_customers_have_it(
    service, version, metric, seed
):
    verdict = verdict_of(VERSIONS[service][version], seed)

    assert (verdict.word, verdict.deciding) == (Word.FAIL, metric), verdict
