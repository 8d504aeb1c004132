"""Whole outputs, kept as files beside the tests."""

import re
from pathlib import Path

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b")
FOLDER = Path(__file__).parent / "golden"


def same_as(name: str, found: str, *, write: bool) -> None:
    """Whether *found* is what the file *name* holds; with *write*, it is made so.

    Content addresses are not compared: a field that another part of the plan gains changes them.
    """
    found = _DIGEST.sub("…", found)
    file = FOLDER / name
    if write:
        file.write_text(f"{found}\n", encoding="utf-8")
    assert file.exists(), f"{name} is not there: run with --write-golden"
    assert f"{found}\n" == file.read_text(encoding="utf-8")
