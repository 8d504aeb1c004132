import json

import pytest
from typer.testing import CliRunner

from starters.cli import app
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused

SERVICE = """\
apiVersion: lockgate.dev/v1alpha1
kind: Service
metadata: {name: checkout}
spec:
  owner: shop
  builds: {type: s3, connection: builds}
  clients:
    rps: 0.5
    kinds: [mobile]
    dnsCaching: 30m
    runsOn: aws
"""


@pytest.fixture
def ask():
    def run(*words):
        return CliRunner().invoke(app, ["strategy", "router", *words])

    return run


@pytest.fixture
def catalog(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "services.yaml").write_text(SERVICE, encoding="utf-8")
    return folder


def test_the_options_are_ranked_with_reasons_for_reading(ask):
    result = ask("--rps", "40", "--clients", "browser", "--runs-on", "aws")

    assert result.exit_code == 0
    first, _, rare, *rest = result.output.splitlines()
    assert first == "recommended: alb"
    assert rare == "at 40 rps a 5% weight is one canary request in 0.5s"
    assert "1. alb (router type alb): recommended" in rest
    assert "   + every request is split by itself, and AWS runs it" in rest
    assert any(line.startswith("   would need ") for line in rest)


def test_the_same_is_told_to_programs(ask):
    result = ask("--rps", "40", "--sessions", "--no-cookies", "--runs-on", "aws", "-o", "json")

    advice = json.loads(result.output)
    assert advice["recommended"] == advice["options"][0]["router"] == "mesh"
    (alb,) = [each for each in advice["options"] if each["router"] == "alb"]
    assert (alb["fit"], alb["wouldNeed"]) == ("unfit", ["clients that return cookies"])


def test_a_service_of_the_catalog_says_how_its_clients_behave(ask, catalog):
    result = ask("--service", "checkout", "-o", "json")

    advice = json.loads(result.output)
    assert advice["traffic"][0] == "at 0.5 rps a 5% weight is one canary request in 40s"
    assert [each["fit"] for each in advice["options"]] == [
        "recommended",
        "possible",
        "possible",
        "unfit",
    ]


def test_an_option_wins_over_what_the_service_says(ask, catalog):
    result = ask("--service", "checkout", "--rps", "20", "--dns-caching", "0s")

    assert "at 20 rps" in result.output
    assert "4. weightedDNS (router type route53): possible" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give --rps NUMBER"),
        (("--rps", "0"), "--rps: Input should be greater than 0"),
        (("--rps", "4", "--dns-caching", "soon"), "--dns-caching: Value error, 'soon' is not"),
        (("--service", "chekout"), "no Service 'chekout': did you mean checkout?"),
    ],
)
def test_what_makes_no_advice_is_named(ask, catalog, words, said):
    result = ask(*words)

    assert isinstance(result.exception, CommandFailed)
    assert result.exception.code == ExitCode.USAGE
    assert said in str(result.exception)


def test_a_service_that_says_nothing_of_its_clients_is_named(ask, catalog):
    file = catalog / "services.yaml"
    file.write_text(SERVICE.partition("  clients:")[0], encoding="utf-8")

    result = ask("--service", "checkout")

    assert "or `clients` in the Service checkout" in str(result.exception)


def test_a_catalog_with_a_slip_is_told_where_it_is(ask, catalog):
    file = catalog / "services.yaml"
    file.write_text(SERVICE.replace("dnsCaching: 30m", "dnsCaching: 30x"), encoding="utf-8")

    result = ask("--service", "checkout")

    assert isinstance(result.exception, FilesRefused)
    assert "dnsCaching" in str(result.exception)
