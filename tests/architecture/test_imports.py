"""The arrows between the packages, and what importing a story brings with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

HEAVY = {
    "boto3",
    "botocore",
    "hvac",
    "httpx",
    "structlog",
    "sqlalchemy",
    "ruamel",
    "typer",
    "rich",
}


def test_the_import_contracts_hold():
    tool = Path(sys.executable).with_name("lint-imports")

    said = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("story", ["release", "promotion", "rollback", "seal", "sweep"])
def test_importing_a_story_loads_no_client_of_an_outside_system(story):
    probe = f"import sys, workflows.{story}; print(*sys.modules)"

    said = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert HEAVY.isdisjoint(module.split(".")[0] for module in said.stdout.split())
