"""The rules and the policy of docs/how-to/policies-as-code.md, beside the sample catalog."""

import re
from pathlib import Path

import pytest

from infra.rego.process import RegoProcess
from starters.files.catalog import read_catalog
from starters.files.sample_files import write_sample
from tests.builders import a_release, an_order
from tests.workflows.domain.rules.ruled import NOON, a_ruled_catalog
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts

PAGE = Path(__file__).parents[2] / "docs/how-to/policies-as-code.md"


def blocks(language):
    text = PAGE.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def catalog(tmp_path):
    write_sample(tmp_path)
    folder = tmp_path / "catalog"
    (policy,) = blocks("yaml")
    (folder / "prod.yaml").write_text(policy, encoding="utf-8")
    (folder / "rules").mkdir()
    (folder / "rules" / "prod.rego").write_text("\n".join(blocks("rego")), encoding="utf-8")
    return folder


def test_the_policy_and_all_its_rules_are_in_order(catalog):
    assert read_catalog(catalog).problems == ()


def test_the_rules_say_what_the_page_says():
    body = "\n".join(blocks("rego")).removeprefix("package lockgate\n")
    release = a_release(environments=("production",))
    del release["spec"]["change"]["ticket"]

    admission = admit(an_order(release, a_ruled_catalog(body)), Facts(at=NOON), RegoProcess())

    assert [finding.message for finding in admission.findings] == [
        "checkout begins with 10 % of the traffic: at most 5",
        "no ticket is named",
        "nobody knows what was changed",
    ]
