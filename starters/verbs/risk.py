"""Saying what a release risks, how far risks came true, and what is owed for what failed."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import JsonValue, ValidationError
from temporalio.client import Client

from starters.asking import asked
from starters.audit.decision_log import newest, read
from starters.board import brief, clock
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.planning.facts import read_facts
from starters.planning.risk_view import as_json, calibration_as_json, reliability_rows, told
from starters.releases import find, name_of
from starters.session import converse
from starters.verbs.releases import order_of
from workflows.domain.admission.assessment import assess
from workflows.domain.admission.change import ClassRuling
from workflows.domain.errors import Diverged, PolicyViolated, TargetMissing
from workflows.domain.release.order import ReleaseOrder
from workflows.domain.release.outcomes import Closing, overdue_since
from workflows.domain.risk.asking import documents_of
from workflows.domain.risk.calibration import calibrated, reliability
from workflows.domain.risk.facts import Retrospective
from workflows.domain.risk.score import RiskScore, model_digest
from workflows.domain.spec import RiskModelSpec
from workflows.ports.outcomes import (
    CloseRetrospective,
    ListRetrospectives,
    OutcomesPort,
    ReadOutcomes,
)


def explain(what: str, *, catalog: Path | None, by: str | None, output: OutputFormat) -> None:
    """The class and risk of a release file as it would be now, or of a release as it was ruled."""
    if Path(what).is_file():
        order = order_of(Path(what), catalog=catalog, by=by)
        ruling, risk = converse(lambda client: _now(client, order))
        name = order.name
    else:
        name, ruling, risk = converse(lambda client: _ruled(client, what))

    def text() -> None:
        for line in told(name, ruling, risk):
            typer.echo(line)

    show({"release": name, **as_json(ruling, risk)}, output, text=text)


async def _now(client: Client, order: ReleaseOrder) -> tuple[ClassRuling, RiskScore]:
    documents = documents_of(order)
    if documents is None:  # the order was read strictly before: a rule of the domain's moved
        raise CommandFailed("the release is not in order: `lockgate lint`", ExitCode.USAGE)
    facts = await read_facts(client, order)
    assessed = assess(documents.release, documents.catalog, facts)
    return assessed.change_class, assessed.risk


async def _ruled(client: Client, what: str) -> tuple[str, ClassRuling, RiskScore]:
    """The newest recorded ruling on the release."""
    release = await find(client, what)
    for name in (name_of(release), None):  # of this name first: others may be many
        for entry in await newest(client, last=_LOOKED_AT, name=name):
            if entry.release != release:
                continue
            admission = (await read(client, entry.digest)).admission
            if admission.change_class is not None and admission.risk is not None:
                return release, admission.change_class, admission.risk
    raise CommandFailed(
        f"{release}: no ruling on its risk is recorded; `lockgate risk explain FILE` says what "
        "it would be now",
        ExitCode.ERROR,
    )


_LOOKED_AT = 100


def calibrate(*, catalog: Path | None, limit: int, output: OutputFormat) -> int:
    """Hold the scores of the catalog's model against what came of the releases."""
    model = _model(catalog)
    ask = ReadOutcomes(model=model, limit=limit)
    found = converse(
        lambda client: asked(client, OutcomesPort.read_outcomes, ask, about="risk/outcomes")
    )
    calibration = calibrated(found.tally, model.calibration)
    sigmoid = calibration.sigmoid
    bins = () if sigmoid is None else tuple(reliability(found.tally, sigmoid))
    answer: dict[str, JsonValue] = {
        "model": model_digest(model),
        "since": None if found.since is None else found.since.isoformat(),
        **calibration_as_json(calibration),
        "reliability": [one.model_dump(mode="json") for one in bins],
    }

    def text() -> None:
        since = "" if found.since is None else f" since {clock(found.since)}"
        typer.echo(
            f"{calibration.outcomes} outcomes{since}, {calibration.failures} of them failed"
        )
        if sigmoid is not None and calibration.brier is not None:
            typer.echo(
                f"fit: p(fails) = 1 / (1 + exp(-({sigmoid.intercept:.2f} "
                f"{sigmoid.slope:+.2f} * score / 100)))"
            )
            table(("score", "releases", "foretold", "came", "off by"), reliability_rows(bins))
        word = "calibrated: the matrix may go by it" if calibration.holds else "not calibrated"
        typer.echo(f"{word}: {calibration.why}")

    show(answer, output, text=text)
    return ExitCode.OK if calibration.holds else ExitCode.NOT_READY


def _model(catalog: Path | None) -> RiskModelSpec:
    """The catalog's model, or the built-in one where there is no catalog or it holds none."""
    folder = catalog or Path("catalog")
    if catalog is None and not folder.is_dir():
        return RiskModelSpec()
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    return catalog_of(reading).risk_model


async def _owing(client: Client, what: str) -> str:
    """The id of the release that *what* names: what is owed may outlive what Temporal keeps."""
    method = OutcomesPort.list_retrospectives
    listed = await asked(client, method, ListRetrospectives(), about="retrospectives/list")
    named = [one for one in listed.owed if what in (one.release, name_of(one.release))]
    return max(named, key=lambda one: one.opened_at).release if named else what


def list_owed(*, output: OutputFormat) -> None:
    """The retrospectives that nobody has closed, what is due first at the top."""
    found = converse(
        lambda client: asked(
            client,
            OutcomesPort.list_retrospectives,
            ListRetrospectives(),
            about="retrospectives/list",
        )
    )
    now = datetime.now(UTC)

    def text() -> None:
        if not found.owed:
            typer.echo("no retrospective is open")
            return
        rows = [_row(owed, now) for owed in found.owed]
        table(("release", "services", "ended", "due"), rows)

    show([owed.model_dump(mode="json") for owed in found.owed], output, text=text)


def _row(owed: Retrospective, now: datetime) -> tuple[str, ...]:
    due = "no deadline: its pattern earns nothing before"
    if owed.due_at is not None:
        late = overdue_since(owed, now)
        due = clock(owed.due_at) + ("" if late is None else f"  OVERDUE by {brief(late)}")
    return (owed.release, ", ".join(owed.services), clock(owed.opened_at), due)


def close(release: str, *, finding: str, by: str | None, output: OutputFormat) -> None:
    """Take down what *by* found; recorded in the release's audit record."""

    async def work(client: Client) -> Retrospective:
        found = await _owing(client, release)
        closing = Closing(release=found, by=who(by), finding=finding, at=datetime.now(UTC))
        ask = CloseRetrospective(closing=closing)
        about = f"{found}/retrospective"
        return await asked(client, OutcomesPort.close_retrospective, ask, about=about)

    try:
        closed = converse(work)
    except ValidationError as error:
        raise CommandFailed(
            "--finding: expected 10 to 4000 characters that say what was found", ExitCode.USAGE
        ) from error
    except PolicyViolated as refused:
        raise CommandFailed(f"refused: {refused}", ExitCode.DENIED) from refused
    except (TargetMissing, Diverged) as refused:
        raise CommandFailed(str(refused), ExitCode.ERROR) from refused
    show(
        closed.model_dump(mode="json"),
        output,
        text=lambda: typer.echo(f"{closed.release}: retrospective closed by {closed.closed_by}"),
    )
