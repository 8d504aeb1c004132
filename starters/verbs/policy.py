"""What rules do: to their tests, to a release before its start, and to what was ruled before."""

import json
from collections.abc import Iterator
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from infra.rego.process import RegoProcess
from starters.audit.decision_log import newest, outcomes_of, recorded
from starters.board import clock
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused, nearest
from starters.files.rule_tests import run_tests
from starters.output import OutputFormat, show, table
from starters.planning.foreseeing import foresee
from starters.session import converse
from starters.verbs.releases import order_of
from workflows.domain.admission.recorded import DecisionEntry, RecordedDecision
from workflows.domain.rules.backtest import Backtested, Shift, backtest, tally
from workflows.domain.rules.document import as_document
from workflows.domain.rules.engine import Answer
from workflows.domain.rules.ruling import Known, input_of
from workflows.domain.spec import Catalog
from workflows.domain.values import short


def prove(paths: list[Path], *, coverage: float | None, output: OutputFormat) -> int:
    """Run the tests below *paths*; 1 where one fails, or too few lines are reached.

    Raises:
        FilesRefused: there are no tests, or rules that cannot be read.
    """
    answer = run_tests(paths)
    reached = _reached(answer)
    failed = [one for one in answer.tests if one.outcome != "passed"]
    short_of = coverage is not None and reached < coverage
    found: JsonValue = {
        "tests": [one.model_dump(mode="json") for one in answer.tests],
        "coverage": {
            "percent": reached,
            "files": [file.model_dump(mode="json") for file in answer.coverage],
        },
    }

    def text() -> None:
        for line in _test_lines(answer, reached):
            typer.echo(line)
        if short_of:
            typer.echo(f"expected at least {coverage:g} % of the lines")

    show(found, output, text=text)
    return ExitCode.ERROR if failed or short_of or not answer.tests else ExitCode.OK


def _test_lines(answer: Answer, reached: float) -> Iterator[str]:
    for one in answer.tests:
        if one.outcome != "passed":
            why = f": {one.detail}" if one.detail else ""
            yield f"{one.outcome.upper():<6} {one.name}  {one.file}:{one.line}{why}"
    for file in answer.coverage:
        if file.missed:
            yield f"missed {file.file}: lines {', '.join(map(str, file.missed))}"
    passed = sum(one.outcome == "passed" for one in answer.tests)
    yield f"{passed} of {len(answer.tests)} tests passed; {reached:g} % of the lines reached"


def _reached(answer: Answer) -> float:
    covered = sum(len(file.covered) for file in answer.coverage)
    lines = covered + sum(len(file.missed) for file in answer.coverage)
    return round(100 * covered / lines, 1) if lines else 100.0


def replay(*, last: int, catalog: Path, output: OutputFormat) -> int:
    """Rule on the *last* recorded decisions again under the policies of *catalog*.

    DENIED where a release would be newly denied, DRIFT where one would only be newly allowed.

    Raises:
        FilesRefused: the catalog is not in order.
        NobodyAnswers: no worker answers for the ledger.
    """
    rules = _rules(catalog)

    async def work(client: Client) -> tuple[list[RecordedDecision], dict[str, str]]:
        decisions = await recorded(client, last=last)
        return decisions, await outcomes_of(client, {one.release for one in decisions})

    decisions, outcomes = converse(work)
    engine = RegoProcess()
    found = [backtest(one, rules, engine, outcome=outcomes.get(one.release)) for one in decisions]
    counts = tally(found)

    def text() -> None:
        for line in _backtest_lines(found):
            typer.echo(line)

    show(
        {
            "decisions": len(found),
            "counts": {str(shift): count for shift, count in counts.items()},
            "changed": [
                one.model_dump(mode="json", by_alias=True)
                for one in found
                if one.shift is not Shift.SAME
            ],
        },
        output,
        text=text,
    )
    if counts[Shift.NEWLY_DENIED]:
        return ExitCode.DENIED
    return ExitCode.DRIFT if counts[Shift.NEWLY_ALLOWED] else ExitCode.OK


def _rules(folder: Path) -> Catalog:
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    return catalog_of(reading)


def _backtest_lines(found: list[Backtested]) -> Iterator[str]:
    for shift in (Shift.NEWLY_DENIED, Shift.NEWLY_ALLOWED, Shift.ASKS_OTHERS):
        of = [one for one in found if one.shift is shift]
        if not of:
            continue
        yield f"{shift}: {len(of)}"
        for one in of:
            ended = f"  ended {one.outcome}" if one.outcome else ""
            yield f"  {one.name}  {clock(one.at)}  ruling {short(one.decision)}{ended}"
            yield from (f"    {line}" for line in _why(one))
    same = sum(one.shift is Shift.SAME for one in found)
    yield f"{len(found)} recorded rulings, {same} the same under these policies"


def _why(one: Backtested) -> Iterator[str]:
    if one.shift is Shift.ASKS_OTHERS:
        yield f"asked then: {', '.join(one.asked) or 'nobody'}"
        yield f"would ask:  {', '.join(one.asks) or 'nobody'}"
        return
    was = "was denied: " if one.shift is Shift.NEWLY_ALLOWED else ""
    yield from (f"{was}{reason}" for reason in one.reasons)


def decisions(*, last: int, name: str | None, output: OutputFormat) -> None:
    """List the *last* recorded rulings.

    Raises:
        NobodyAnswers: no worker answers for the ledger.
    """

    async def work(client: Client) -> tuple[DecisionEntry, ...]:
        return await newest(client, last=last, name=name)

    found = converse(work)

    def text() -> None:
        if not found:
            typer.echo("no rulings are recorded" + (f" of {name}" if name else ""))
            return
        headings = ("ruling", "release", "at", "verdict", "decision", "rules")
        table(headings, [_row(entry) for entry in found])

    show([entry.model_dump(mode="json") for entry in found], output, text=text)


def _row(entry: DecisionEntry) -> tuple[str, ...]:
    return (
        short(entry.digest),
        entry.name,
        clock(entry.at),
        entry.verdict,
        short(entry.decision_digest),
        short(entry.rules_digest or ""),
    )


def show_input(
    file: Path, *, environment: str | None, catalog: Path | None, by: str | None
) -> None:
    """Print the input of the rules of *environment*, by default the last that *file* names.

    Raises:
        FilesRefused: the files are not in order.
        CommandFailed: the release does not go there (USAGE), or its documents are refused.
    """
    order = order_of(file, catalog=catalog, by=by)
    found = foresee(order)
    admission, facts = found.admission, found.facts
    if admission is None or facts is None:
        raise CommandFailed(f"denied: {found.refused}", ExitCode.DENIED)
    stages = [stage.environment for stage in admission.plan.stages]
    where = environment or stages[-1]
    if where not in stages:
        message = f"{order.name} does not go to {where}: {nearest(where, stages)}"
        raise CommandFailed(message, ExitCode.USAGE)
    if admission.change_class is None or admission.risk is None:
        raise CommandFailed("the workers are of another version, and neither class nor risk came")
    known = Known(
        facts=facts,
        change_class=admission.change_class,
        risk=admission.risk,
        criteria=admission.criteria,
    )
    document = input_of(order, admission.plan, known, environment=where)
    typer.echo(json.dumps(as_document(document), indent=2, ensure_ascii=False))
