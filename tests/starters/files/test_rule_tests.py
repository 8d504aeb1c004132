"""Rego files are found, tested together, and named where they cannot be."""

import pytest

from starters.files.problems import FilesRefused
from starters.files.rule_tests import run_tests

RULES = 'package lockgate\n\ndeny contains "x" if input.a\n'
TESTS = (
    "package lockgate_test\n\nimport data.lockgate\n\n"
    'test_x if "x" in lockgate.deny with input as {"a": 1}\n'
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules" / "deep").mkdir(parents=True)
    (tmp_path / "rules" / "a.rego").write_text(RULES)
    (tmp_path / "rules" / "deep" / "a_test.rego").write_text(TESTS)
    return tmp_path / "rules"


def refusal(*paths):
    with pytest.raises(FilesRefused) as refused:
        run_tests(paths)
    return str(refused.value)


def test_the_files_of_a_folder_see_one_another(folder):
    (test,) = run_tests([folder]).tests

    assert (test.name, test.file, test.line, test.outcome) == (
        "lockgate_test.test_x",
        "rules/deep/a_test.rego",
        5,
        "passed",
    )


def test_a_file_that_cannot_be_parsed_is_named_with_its_line(folder):
    (folder / "b.rego").write_text("package b\n\nx {\n")

    assert refusal(folder).startswith("rules/b.rego:3:3: `if` keyword is required")


def test_rules_without_tests_are_not_called_tested(folder):
    assert "no tests: no file ends with _test.rego" in refusal(folder / "a.rego")


def test_a_file_that_is_not_there_is_named(folder):
    assert refusal(folder / "none.rego").startswith("rules/none.rego:1:1: cannot be read")


def test_a_file_outside_the_folder_is_read_as_well(folder, monkeypatch):
    monkeypatch.chdir(folder / "deep")

    assert len(run_tests([folder]).tests) == 1
