"""Finds rules and their tests in folders, and has the engine run them."""

from collections.abc import Iterable
from pathlib import Path

from infra.rego.process import RegoProcess
from starters.files.problems import FilesRefused, Place, Problem, shown
from workflows.domain.rules.engine import Answer, Question, ask

ENDING = ".rego"
TESTS = "_test.rego"
LARGEST = 4 * 1024 * 1024
"""Bytes of all files together."""
SECONDS = 30
"""Of processor time for all tests together; a ruling has far less."""


def run_tests(paths: Iterable[Path]) -> Answer:
    """Run every rule `test_…` of the Rego files of *paths*, which see one another.

    A folder stands for all Rego files below it.

    Raises:
        FilesRefused: there are none, one cannot be read or parsed, or they take too long.
    """
    files = _read(paths)
    if not any(name.endswith(TESTS) for name in files):
        place = Place(next(iter(files), "."))
        raise FilesRefused([Problem(place, "", f"no tests: no file ends with {TESTS}")])
    answer = ask(RegoProcess(seconds=SECONDS), Question(mode="test", files=files))
    if answer.problems:
        raise FilesRefused(
            Problem(Place(problem.file or ".", problem.line, problem.column), "", problem.message)
            for problem in answer.problems
        )
    return answer


def _read(paths: Iterable[Path]) -> dict[str, str]:
    texts: dict[str, str] = {}
    problems = []
    for path in paths:
        found = sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path]
        for file in found:
            try:
                texts[shown(file)] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
                problems.append(Problem(Place(shown(file)), "", f"cannot be read: {reason}"))
    if not problems and sum(len(text) for text in texts.values()) > LARGEST:
        message = f"the Rego files are larger than {LARGEST // 1024} KiB together"
        problems.append(Problem(Place("."), "", message))
    if problems:
        raise FilesRefused(problems)
    return texts
