import re
from pathlib import Path

import pytest

from examples.shop.build import digests
from examples.shop.refresh_digests import main, refreshed
from starters.linting import lint
from starters.spec_file import load_order
from workflows.domain.admission import admit
from workflows.domain.canary.first_judge import judge
from workflows.domain.canary.verdict import ArmCounts, Word

SHOP = Path(__file__).parents[3] / "examples" / "shop"
RELEASES = sorted((SHOP / "releases").glob("*.yaml"))


SHARES = ((10, 0.9), (25, 0.99), (50, 1.0))


def plan_of(name):
    order = load_order(SHOP / "releases" / f"{name}.yaml", requested_by="eve")
    plan, _ = admit(order)
    return plan


def test_there_are_five():
    assert [path.stem for path in RELEASES] == ["v1", "v2", "v3", "v4", "v5"]


def test_the_example_has_no_problem():
    assert lint([SHOP]) == ()


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_every_digest_is_that_of_the_build(path):
    """Mend it with `python -m examples.shop.refresh_digests`."""
    built = digests()

    for promotion in plan_of(path.stem).promotions:
        artifact = promotion.artifact
        assert artifact.digest == built[artifact.service][artifact.version]


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_every_release_goes_through_staging_and_a_guarded_production(path):
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


def arm(requests, *, errors=0, slow_by=0):
    """What a version served: most within 10 ms, a few within 25, all later by *slow_by*."""
    buckets = tuple(
        (
            float(edge),
            max((round(requests * s) for e, s in SHARES if e + slow_by <= edge), default=0),
        )
        for edge in (5, 10, 25, 50, 100, 250, 500)
    )
    return ArmCounts(requests=requests, errors=errors, buckets=buckets)


@pytest.mark.parametrize(
    ("canary", "word"),
    [
        (arm(250), Word.PASS),
        (arm(100, errors=15), Word.FAIL),
        (arm(100, errors=20), Word.FAIL),
        (arm(100, slow_by=120), Word.FAIL),
    ],
    ids=["good", "v3", "v5", "v4"],
)
def test_the_shops_rules_tell_good_versions_from_bad_in_time(canary, word):
    """At 40 requests a second a quarter is 250 in 25 seconds, and 100 in 10."""
    steps = plan_of("v2").stages[1].promotions[0].steps
    (first, *_) = (step.analysis for step in steps if step.analysis is not None)

    assert judge(first.metrics, canary=canary, baseline=arm(3 * canary.requests)).word is word
