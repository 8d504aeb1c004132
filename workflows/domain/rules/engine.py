"""What evaluates rules, seen from here: a question in, an answer out, both JSON."""

from typing import Literal, Protocol

from pydantic import JsonValue, ValidationError

from workflows.domain.values import Value


class RuleEngine(Protocol):
    """Evaluates Rego within limits of its own; a rule that breaks them is an answer too."""

    def answer(self, question: str) -> str:
        """The answer to *question*, both JSON: a `Question` and an `Answer`.

        Safe to run again. What is wrong with the rules is told in the answer, not raised.
        """


class Question(Value):
    """What an engine is asked.

    `check` reads the files, `evaluate` asks a package about an input, `test` runs the tests.
    """

    mode: Literal["check", "evaluate", "test"]
    files: dict[str, str]
    package: str = ""
    input: JsonValue = None


class RuleProblem(Value):
    """Why rules cannot be evaluated; line 0 where the place is not known."""

    file: str = ""
    line: int = 0
    column: int = 0
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return f"{place if self.file else ''}{self.message}"


class Said(Value):
    """One member of a set of messages, and the rule that put it there."""

    value: JsonValue
    file: str = ""
    line: int = 0


class Read(Value):
    """A path below `input` that a rule writes out, and where."""

    path: tuple[str, ...]
    file: str
    line: int


class DefinedRule(Value):
    """A rule, by the package and name that others call it, and where it is written."""

    package: str
    name: str
    file: str
    line: int


class RuleTest(Value):
    """How one `test_` rule came out."""

    name: str
    file: str
    line: int
    outcome: Literal["passed", "failed", "error"]
    detail: str = ""


class CoveredLines(Value):
    """The lines of a file that its tests reached, and those that they did not."""

    file: str
    covered: tuple[int, ...]
    missed: tuple[int, ...]


class Answer(Value):
    """What the engine answers; with problems, nothing else in it counts."""

    problems: tuple[RuleProblem, ...] = ()
    said: dict[str, tuple[Said, ...]] = {}
    reads: tuple[Read, ...] = ()
    rules: tuple[DefinedRule, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    coverage: tuple[CoveredLines, ...] = ()


def ask(engine: RuleEngine, question: Question) -> Answer:
    """The engine's answer; one that cannot be read is a problem like any other."""
    try:
        return Answer.model_validate_json(engine.answer(question.model_dump_json()))
    except ValidationError:
        return Answer(problems=(RuleProblem(message="the engine's answer cannot be read"),))
