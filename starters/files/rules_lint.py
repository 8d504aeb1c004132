"""Rules in Rego as they are written: parsed and looked over when a catalog is read."""

from collections.abc import Iterator
from pathlib import Path

from infra.rego.process import RegoProcess
from starters.files.documents import Document, Reading
from starters.files.problems import Place, Problem, shown
from workflows.domain.rules.engine import Answer, Question, ask
from workflows.domain.rules.reads import misread
from workflows.domain.spec import Policy, RulesSpec

SAYINGS = frozenset({"deny", "warn", "require"})


def misruled(read: Reading, folder: Path) -> Iterator[Problem]:
    """What keeps the rules of policies from being evaluated, at the line of the rule.

    The engine runs here, in a process of its own: nothing has to be started for it.
    """
    for document in read.documents:
        if isinstance(document.model, Policy) and (rules := document.model.spec.rules) is not None:
            yield from _of_policy(document, rules, read, folder)


def _of_policy(
    document: Document, rules: RulesSpec, read: Reading, folder: Path
) -> Iterator[Problem]:
    files = {str(name): read.files[name] for name in rules.files if name in read.files}
    if len(files) < len(rules.files):
        return  # that one is missing is said where it is named
    answer = ask(RegoProcess(), Question(mode="check", files=files))
    at = ("spec", "rules", "files")
    for problem in (*answer.problems, *misread(answer.reads)):
        place = document.written.place_of(at)
        if problem.file:
            place = Place(shown(folder / problem.file), problem.line, problem.column or 1)
        yield Problem(place, "", problem.message)
    if not answer.problems and not _says_something(answer, rules.package):
        message = f"package {rules.package} of these files defines none of deny, warn, require"
        yield Problem(document.written.place_of(at), "spec.rules.files", message)


def _says_something(answer: Answer, package: str) -> bool:
    return any(r.package == package and r.name in SAYINGS for r in answer.rules)
