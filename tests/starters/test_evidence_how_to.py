"""The policy that the how-to shows is one."""

import re

from ruamel.yaml import YAML

from tests.architecture.sources import ROOT
from workflows.domain.spec import Policy

PAGE = ROOT / "docs/how-to/evidence-and-criteria.md"


def test_the_policy_of_the_how_to_asks_for_every_kind_of_evidence():
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    policy = Policy.model_validate(YAML(typ="safe").load(written))

    assert [criterion.evidence for criterion in policy.spec.criteria] == [
        "test-result",
        "coverage",
        "sarif",
        "sbom",
        "slsa-provenance",
        "benchmark",
        "migration-rehearsal",
        "security-sign-off",
    ]
