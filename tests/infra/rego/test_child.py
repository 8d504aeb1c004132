"""One question in, one answer out; what is wrong with the rules is an answer."""

import json
import subprocess
import sys
from pathlib import Path

from infra.rego.child import answer

ROOT = Path(__file__).parents[3]
WRITES = """
import resource, sys
from infra.rego.child import _confine
_confine(seconds=2, memory=2**30)
print(resource.getrlimit(resource.RLIMIT_CORE))
with open(sys.argv[1], "w") as file:
    file.write("what the rules were told")
"""


def test_rules_that_cannot_be_parsed_are_answered_with_their_places():
    found = json.loads(answer({"mode": "check", "files": {"a.rego": "package a\n\nx {"}}))

    assert [(p["file"], p["line"]) for p in found["problems"]] == [("a.rego", 3)]


def test_an_answer_beyond_measure_is_no_answer():
    long = (
        'package lockgate\ndeny contains concat("", [x | some i in numbers.range(1, 90000); x := "'
        + ("a" * 50)
        + '"])'
    )

    found = json.loads(
        answer({"mode": "evaluate", "files": {"a.rego": long}, "package": "lockgate", "input": {}})
    )

    assert "more than 4096 KiB" in found["problems"][0]["message"]


def test_what_evaluates_rules_leaves_no_file_and_no_core_behind(tmp_path):
    """The input of rules is not everybody's to read, and a core would hold all of it."""
    file = tmp_path / "left"

    command = [sys.executable, "-c", WRITES, str(file)]
    child = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    assert child.stdout == "(0, 0)\n"
    assert "File too large" in child.stderr
    assert file.read_text() == ""
