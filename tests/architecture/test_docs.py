"""The documents lead somewhere, name what there is, and their examples are in order."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from infra.settings import load_settings
from starters.cli import app
from starters.environments.codes import code_of_environment
from starters.files.linting import lint
from tests.architecture.sources import ROOT
from workflows.domain.canary.verdict import MetricVerdict
from workflows.domain.environments.census import Census
from workflows.domain.environments.view import (
    EnvironmentPhase,
    EnvironmentView,
    Extension,
    Hold,
    Removal,
    Warned,
)
from workflows.domain.release.phase import Phase
from workflows.domain.release.status import (
    Blocker,
    Exposure,
    MadeEnvironment,
    ReleaseStatus,
    RollbackView,
    TargetView,
    WatchView,
)
from workflows.domain.release.undo import Undone
from workflows.domain.watching.detection import Detection

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[`|&] *)lockgate((?: +-{0,2}[\w./:=…-]+)+)", re.MULTILINE)
OPTIONS_WITH_A_VALUE = {"--profile", "--address", "--namespace"}
MAKE = re.compile(r"^(?:\$ )?make ([a-z0-9-]+)|`make ([a-z0-9-]+)`", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_to_a_file_and_a_heading(name):
    page = ROOT / name
    links = [link for link in LINK.findall(prose(page)) if "://" not in link]

    assert [link for link in links if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_named_exists(name):
    lines = code(ROOT / name)

    assert [words for words in map(str.strip, COMMAND.findall(lines)) if not known(words)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_that_is_named_exists(name):
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    named = {one or other for one, other in MAKE.findall(code(ROOT / name))}

    assert named <= targets


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_machine(name):
    assert re.findall(r"/(?:tmp|root|work|home)/\S*", (ROOT / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "folder",
    ["examples/shop", "examples/environments", "starters/sample"],
    ids=["shop", "environments", "what init writes"],
)
def test_every_example_is_in_order(folder):
    assert lint([ROOT / folder]) == ()


def test_the_settings_of_the_production_guide_are_read(tmp_path):
    """The example is one that a worker would start with, not one that looks like it."""
    page = (ROOT / "docs/how-to/run-in-production.md").read_text("utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    profile, settings = blocks
    file = tmp_path / "settings.toml"
    file.write_text(settings, encoding="utf-8")

    assert load_settings(file).ledger.vault_role == "lockgate-ledger"
    assert tomllib.loads(profile)["profile"]["production"]["namespace"] == "releases.acme"


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(prose(page)))
        waiting += [
            target
            for link in links
            if "://" not in link and (target := (page.parent / link).resolve()).suffix == ".md"
        ]

    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - reached == set()


def test_every_picture_is_small_and_shown():
    pictures = {picture.name: picture.stat().st_size for picture in ROOT.glob("docs/images/*.png")}
    shown = "".join(page.read_text("utf-8") for page in PAGES)

    assert pictures
    assert [name for name, size in pictures.items() if size > 300_000] == []
    assert [name for name in pictures if name not in shown] == []


def test_every_dependency_has_its_sentence():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    wanted = [requirement for group in groups for requirement in group]
    for beside in ("emulator.in", "opa.in"):
        wanted += (ROOT / "requirements" / beside).read_text("utf-8").splitlines()
    names = {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in wanted}
    page = (ROOT / "docs/dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]{10,} \|$", page, re.MULTILINE)
    told = {name.strip() for row in rows for name in row.split(",")} - {"package"}

    assert names - told == set()
    assert told - names == set()


def test_a_practice_that_works_names_its_command_its_test_and_its_file():
    works, _, _ = (ROOT / "docs/practices.md").read_text("utf-8").partition("## Begun")
    rows = re.findall(r"^\| \d\.\d \|(.+)\|$", works, re.MULTILINE)

    assert rows
    for row in rows:
        _, command, test, file = row.split(" | ")
        assert "`lockgate " in command
        assert "](../tests/" in test
        assert LINK.search(file)


@pytest.mark.parametrize("phase", [*Phase, *EnvironmentPhase])
def test_each_phase_is_told_with_its_moves(phase):
    page = (ROOT / "docs/reference/status.md").read_text("utf-8")

    assert f"| `{phase}` |" in page
    assert re.search(rf"^    (?:\w+|\[\*\]) --> {phase}\b", page, re.MULTILINE)


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_each_phase_of_an_environment_is_told_with_its_exit_code(phase):
    page = (ROOT / "docs/reference/status.md").read_text("utf-8")
    code = int(code_of_environment(phase))

    assert re.search(rf"^\| `{phase}` \| .+ \| (?:yes)? ?\| {code} \|$", page, re.MULTILINE)


@pytest.mark.parametrize(
    "view",
    [
        ReleaseStatus,
        TargetView,
        MadeEnvironment,
        WatchView,
        Blocker,
        Exposure,
        RollbackView,
        Detection,
        MetricVerdict,
        Undone,
        EnvironmentView,
        Warned,
        Extension,
        Hold,
        Removal,
        Census,
    ],
)
def test_each_field_of_the_status_is_told(view):
    page = (ROOT / "docs/reference/status.md").read_text("utf-8")
    names = [field.serialization_alias or name for name, field in view.model_fields.items()]

    assert [name for name in names if f"`{name}`" not in page] == []


def prose(page: Path) -> str:
    """A page without its blocks of code, in which a bracket is no link."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def code(page: Path) -> str:
    """What of a page is to be typed: blocks of shell, and words between backticks."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    typed = [
        line.removeprefix("$ ")
        for block in blocks
        for line in block.splitlines()
        if not line.startswith("#")
    ]
    return "\n".join(
        [*typed, *(f"`{words}`" for words in re.findall(r"`([^`\n]+)`", prose(page)))]
    )


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not heading or heading in {anchor(line) for line in prose(target).splitlines()}


def anchor(line: str) -> str:
    """The anchor that GitHub gives to a heading; nothing for any other line."""
    if not line.startswith("#"):
        return ""
    words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
    return words.replace(" ", "-")


def known(words: str) -> bool:
    """Whether *words* begin with a command of ours, as deep as our groups go."""
    group = get_command(app)
    parts = iter(words.split())
    for part in parts:
        if part in OPTIONS_WITH_A_VALUE:
            next(parts, None)
        elif part.startswith("-") or part == "…":
            continue
        elif not isinstance(group, TyperGroup):
            return True
        elif (found := group.get_command(typer.Context(group), part)) is None:
            return False
        else:
            group = found
    return True
