"""The same findings for people and for programs."""

import json

import pytest
from ruamel.yaml import YAML

from starters.output import OutputFormat, show, table

FOUND = {"release": "shop", "digest": "sha256:" + "a" * 64, "targets": [{"asked": 25}], "ü": None}


def fail_to_print_text():
    raise AssertionError("text was printed for a program")


def test_text_is_left_to_the_command(capsys):
    show(FOUND, OutputFormat.TEXT, text=lambda: print("a table"))  # noqa: T201 - what is tested

    assert capsys.readouterr().out == "a table\n"


def test_json_is_what_was_found_and_nothing_else(capsys):
    show(FOUND, OutputFormat.JSON, text=fail_to_print_text)

    assert json.loads(capsys.readouterr().out) == FOUND


def test_yaml_reads_back_as_what_was_found(capsys):
    show(FOUND, OutputFormat.YAML, text=fail_to_print_text)

    written = capsys.readouterr().out
    assert YAML(typ="safe").load(written) == FOUND
    assert f"digest: {FOUND['digest']}" in written


@pytest.mark.parametrize("cell", ["[bold]not markup[/bold]", "x" * 90])
def test_a_table_prints_cells_as_they_are(capsys, cell):
    table(("name", "what"), [("checkout", cell)])

    assert cell in capsys.readouterr().out
