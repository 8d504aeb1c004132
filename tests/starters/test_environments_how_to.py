"""What the page on environments shows is what Lockgate reads, and what it types works."""

import re
import shlex
from pathlib import Path

import pytest

from starters.exit_codes import ExitCode
from starters.main import run
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/how-to/environments.md").read_text("utf-8")
STACK = """\
Parameters:
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
Resources:
  Uploads: {Type: "AWS::S3::Bucket"}
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: "{{resolve:secretsmanager:preview:SecretString:password}}"
"""


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """The catalog of the page, in the current folder."""
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "catalog" / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCKGATE_USER", "ana")
    Path("catalog/preview.yaml").write_text(text, encoding="utf-8")
    Path("catalog/templates/preview.yaml").write_text(STACK, encoding="utf-8")


def commands(verb):
    return [
        shlex.split(line)[1:]
        for line in PAGE.splitlines()
        if line.startswith(f"lockgate env {verb} ")
    ]


@pytest.mark.usefixtures("sample")
def test_the_template_is_in_order_and_has_every_price(capsys):
    code = run(["lint", "catalog"])

    assert code == ExitCode.OK
    assert capsys.readouterr().out == "no problems\n"


@pytest.mark.usefixtures("sample")
def test_what_the_page_asks_for_can_be_asked_for(capsys):
    requests = [[word for word in words if word != "--wait"] for words in commands("request")]

    codes = [run([*words, "--dry-run"]) for words in requests]

    assert codes == [ExitCode.OK] * 2
    told = capsys.readouterr().out
    assert "costs     0.021 EUR an hour, 15.33 EUR a month" in told
    assert "costs     0.551 EUR an hour, 402.23 EUR a month" in told


@pytest.mark.parametrize(
    "verb", ["list", "extend", "hold", "teardown", "diff", "census", "report"]
)
def test_each_command_has_its_place_on_the_page(verb):
    assert re.search(rf"^lockgate env {verb}\b", PAGE, re.MULTILINE)
