"""Runs the tests that stand beside rules, as `opa test` does, and counts the lines they reach."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import regorus

from infra.rego.syntax import Module, Rule, parsed, problem_of

TESTS = "_test.rego"
"""How the name of a file with tests ends."""


def proved(question: Mapping[str, Any]) -> dict[str, Any]:
    """Every rule `test_…` of the question's files, and which lines of the others were reached.

    Raises:
        Broken: a file cannot be parsed.
    """
    modules = parsed(question["files"])
    engine = regorus.Engine()
    engine.set_gather_prints(True)
    for module in modules:
        engine.add_policy(module.file, module.text)
    engine.set_enable_coverage(True)
    tests = {(r.package, r.name): r for r in _rules(modules) if r.name.startswith("test_")}
    outcomes = [_tried(engine, test) for test in tests.values()]
    report = json.loads(engine.get_coverage_report_as_json())
    return {
        "problems": [],
        "tests": outcomes,
        "coverage": [
            {"file": f["path"], "covered": f["covered"], "missed": f["not_covered"]}
            for f in report["files"]
            if not f["path"].endswith(TESTS)
        ],
    }


def _rules(modules: Iterable[Module]) -> list[Rule]:
    return [rule for module in modules for rule in module.rules]


def _tried(engine: regorus.Engine, test: Rule) -> dict[str, Any]:
    name = f"{test.package}.{test.name}"
    found = {"name": name, "file": test.file, "line": test.line, "detail": ""}
    try:
        value = json.loads(engine.eval_rule_as_json(f"data.{name}"))
    except RuntimeError as error:
        problem = problem_of(error, test.file)
        detail = f"{problem['file']}:{problem['line']}: {problem['message']}"
        return {**found, "outcome": "error", "detail": detail}
    return {**found, "outcome": "passed" if value is True else "failed"}
