"""The example of docs/how-to/slo.md, beside what `lockgate init` writes."""

import re
from pathlib import Path

import pytest

from starters.files.linting import lint
from starters.files.sample_files import write_sample
from starters.files.spec_file import load_order
from workflows.domain.admission.admission import admit

PAGE = Path(__file__).parents[2] / "docs/how-to/slo.md"


@pytest.fixture
def release(tmp_path):
    write_sample(tmp_path)
    catalog = tmp_path / "catalog"
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    slos, service, template = blocks
    (catalog / "slos.yaml").write_text(slos, encoding="utf-8")
    (catalog / "services.yaml").write_text(service, encoding="utf-8")
    (catalog / "objectives.yaml").write_text(template, encoding="utf-8")
    strategies = catalog / "strategies.yaml"
    watched = strategies.read_text("utf-8")
    both = "[{templateName: golden}, {templateName: objectives}]"
    assert "[{templateName: golden}]" in watched
    strategies.write_text(watched.replace("[{templateName: golden}]", both), encoding="utf-8")
    return tmp_path / "release.yaml"


def test_it_is_in_order(release):
    assert lint([release.parent]) == ()


def test_its_limits_are_planned_as_the_page_tells_them(release):
    plan = admit(load_order(release, requested_by="carl")).plan

    stages = [step.watched for p in plan.promotions for step in p.steps if step.watched]
    rules = {
        rule.name: rule for rule in stages[0].thresholds if rule.name.startswith("hello-avail")
    }
    fast, slow = rules["hello-availability-burn-14.4x"], rules["hello-availability-burn-6x"]
    assert str(fast) == "hello-availability-burn-14.4x not above 7.2 % over 300 s"
    assert str(slow) == "hello-availability-burn-6x not above 3 % over 1800 s"
    assert (fast.min_samples, slow.min_samples) == (42, 100)
    assert all(set(rules.values()) <= set(stage.thresholds) for stage in stages)


def test_its_metric_is_compared_in_every_analysis(release):
    plan = admit(load_order(release, requested_by="carl")).plan

    analyses = [step.analysis for p in plan.promotions for step in p.steps if step.analysis]
    assert analyses
    assert all("bad-requests" in [m.name for m in a.judge.metrics] for a in analyses)
