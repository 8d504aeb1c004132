"""Printing when releases may go, and telling the ledger what people declare."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from pydantic import JsonValue, ValidationError
from temporalio.client import Client

from starters import timing
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.problems import FilesRefused
from starters.files.spec_file import load_order
from starters.identity import signing_in
from starters.options import who
from starters.output import OutputFormat, show, table
from starters.releases import find, read
from starters.session import converse
from workflows.domain.admission.admission import Admission
from workflows.domain.calendar.listing import Listed, listed
from workflows.domain.calendar.override import Override, OverrideView
from workflows.domain.calendar.reach import feeds_asked
from workflows.domain.calendar.ruling import SlotRuling, WindowRuling
from workflows.domain.calendar.ruling import simulate as simulate_days
from workflows.domain.calendar.slots import Day
from workflows.domain.calendar.windows import STOP_THE_LINE, CalendarFacts, Freeze, Move
from workflows.domain.durations import parse_duration, write_duration
from workflows.domain.errors import PolicyViolated
from workflows.domain.people.identity import Assurance
from workflows.ports.freezes import LiftFreeze


def next_slot(file: Path, *, catalog: Path | None, offline: bool, output: OutputFormat) -> int:
    """Each environment's slot; the exit code says whether the first may begin now."""
    admission, _, _ = _admitted(file, catalog=catalog, offline=offline)
    ruled = admission.slot or SlotRuling()
    first = ruled.environments[0]

    def text() -> None:
        for ruling in ruled.environments:
            typer.echo(_sentence(ruling))

    found: JsonValue = {
        "open": first.open,
        "nextOpen": _written(first.next_open),
        "nextClose": _written(first.next_close),
        "nextCloseReason": first.next_close_reason,
        **ruled.model_dump(mode="json"),
    }
    show(found, output, text=text)
    return ExitCode.OK if first.open else ExitCode.FROZEN


def simulate(
    file: Path, *, catalog: Path | None, days: int, offline: bool, output: OutputFormat
) -> None:
    """For each environment, on which of the next days it could begin."""
    admission, facts, at = _admitted(file, catalog=catalog, offline=offline)
    found = {t.environment: simulate_days(t, facts, at, days) for t in admission.timetables}

    def text() -> None:
        for environment, ahead in found.items():
            free = sum(day.slot is not None for day in ahead)
            typer.echo(f"{environment}: {free} of {len(ahead)} days")
            table(("day", "from", "in the way"), [_row(day) for day in ahead])

    shown: JsonValue = [
        {"environment": environment, **day.model_dump(mode="json")}
        for environment, ahead in found.items()
        for day in ahead
    ]
    show(shown, output, text=text)


def list_windows(folder: Path, *, days: int, offline: bool, output: OutputFormat) -> None:
    """What windows, calendars and freezes have in the next days.

    Raises:
        FilesRefused: the catalog has problems.
        NobodyAnswers: no worker reads the freezes.
    """
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    at = datetime.now(UTC)

    async def work(client: Client) -> tuple[Freeze, ...]:
        return await timing.freezes(client, at)

    declared = () if offline else converse(work)
    found = listed(catalog_of(reading), declared, at, timedelta(days=days))

    def text() -> None:
        if found:
            headings = ("from", "until", "what", "kind", "about", "why")
            table(headings, [_listed_row(one) for one in found])
        else:
            typer.echo(f"nothing in the next {days} days")

    show([one.model_dump(mode="json") for one in found], output, text=text)


def add(
    name: str,
    *,
    reason: str,
    by: str | None,
    lasts: str | None,
    until: str | None,
    begins: str | None,
    scope: dict[str, list[str]],
    actions: Iterable[str],
    in_flight: str,
) -> None:
    """Declare a freeze, and say whom it was told.

    Raises:
        CommandFailed: it cannot be meant (USAGE), or one of its name is on (DENIED).
    """
    if (lasts is None) == (until is None):
        raise CommandFailed("say with --for or with --until when it ends", ExitCode.USAGE)
    now = datetime.now(UTC)
    start = _moment(begins, "--from") if begins is not None else now
    end = _moment(until, "--until") if until is not None else start + _span(lasts or "")
    _declare(
        {
            "name": name,
            "reason": reason,
            "declared_by": who(by),
            "declared_at": now,
            "start_at": start,
            "end_at": end,
            "scope": scope,
            "moves": list(actions),
            "in_flight": in_flight,
        }
    )


def stop_the_line(*, reason: str, by: str | None, lift_it: bool, in_flight: str) -> None:
    """Freeze everything, or end that.

    Raises:
        CommandFailed: the line is stopped already (DENIED), or never was (USAGE).
    """
    if lift_it:
        lift(STOP_THE_LINE, reason=reason, by=by)
        return
    now = datetime.now(UTC)
    _declare(
        {
            "name": STOP_THE_LINE,
            "reason": reason,
            "declared_by": who(by),
            "declared_at": now,
            "start_at": now,
            "moves": list(Move),
            "in_flight": in_flight,
        }
    )


def list_freezes(*, past: bool, output: OutputFormat) -> None:
    """The freezes that are on or to come, or all of them."""

    async def work(client: Client) -> tuple[Freeze, ...]:
        return await timing.freezes(client, datetime.now(UTC), past=past)

    found = converse(work)

    def text() -> None:
        if not found:
            typer.echo("nothing is frozen")
            return
        headings = ("freeze", "from", "until", "about", "in flight", "by", "why")
        table(headings, [_freeze_row(freeze) for freeze in found])

    show([freeze.model_dump(mode="json") for freeze in found], output, text=text)


def lift(name: str, *, reason: str, by: str | None) -> None:
    """Lift a freeze, and say whom it was told.

    Raises:
        CommandFailed: there never was one of this name (USAGE).
    """
    ask = LiftFreeze(name=name, by=who(by), reason=reason, at=datetime.now(UTC))

    async def work(client: Client) -> tuple[Freeze, int]:
        return await timing.lift(client, ask)

    lifted, told = converse(work)
    typer.echo(f"{name} is lifted by {lifted.lifted_by}; {_told(told)}")


def override(
    release: str,
    *,
    window: str,
    lasts: str,
    reason: str,
    by: str | None,
    output: OutputFormat,
) -> None:
    """Say that a window does not bar a release, and what that makes of it.

    Raises:
        CommandFailed: it does not count (DENIED).
    """
    said = Override(by=by or "", window=window, reason=reason, lasts=_span(lasts))

    async def work(client: Client) -> OverrideView:
        found = await find(client, release)
        status = await read(client, found)
        if status.identity is not Assurance.PROVEN:
            return await timing.override(client, found, said.model_copy(update={"by": who(by)}))
        if status.decision_digest is None:
            raise CommandFailed(f"{release} is not admitted yet: nothing bars it")
        statement = said.statement(
            release=status.release, run=status.run_id, digest=status.decision_digest
        )
        # A browser may take minutes; the connection to Temporal must be kept meanwhile.
        proof = await asyncio.to_thread(signing_in.prove, statement)
        return await timing.override(client, found, said.model_copy(update={"proof": proof}))

    view = converse(work)
    waits = f"{window} still bars it: {view.missing} more must say so"
    text = str(view.granted) if view.granted is not None else waits
    show(view.model_dump(mode="json"), output, text=lambda: typer.echo(text))


def _admitted(
    file: Path, *, catalog: Path | None, offline: bool
) -> tuple[Admission, CalendarFacts, datetime]:
    """What would be ruled on the release of *file* now.

    Raises:
        CommandFailed: it would not be admitted (DENIED).
    """
    at = datetime.now(UTC)
    try:
        order = load_order(file, catalog_dir=catalog, requested_by=who(None))

        async def work(client: Client) -> CalendarFacts:
            return await timing.calendar_facts(client, order, at)

        facts = timing.unread(feeds_asked(order.catalog)) if offline else converse(work)
        return timing.admitted_at(order, facts, at), facts, at
    except PolicyViolated as refused:
        raise CommandFailed(str(refused), ExitCode.DENIED) from refused


def _declare(said: dict[str, object]) -> None:
    try:
        freeze = Freeze.model_validate(said)
    except ValidationError as error:
        raise CommandFailed("\n".join(map(_told_of, error.errors())), ExitCode.USAGE) from error

    async def work(client: Client) -> int:
        return await timing.declare(client, freeze)

    told = converse(work)
    until = f"until {_brief(freeze.end_at)}" if freeze.end_at else "until it is lifted"
    typer.echo(f"{freeze.name} freezes {freeze.scope} {until}; {_told(told)}")


def _told_of(problem: object) -> str:
    found = problem if isinstance(problem, dict) else {}
    where = ".".join(str(part) for part in found.get("loc", ()))
    return f"{where}: {found.get('msg')}" if where else str(found.get("msg"))


def _told(count: int) -> str:
    return f"{count} release{'' if count == 1 else 's'} under way told"


def _sentence(ruling: WindowRuling) -> str:
    word = "open" if ruling.open else "closed"
    lines = [f"{ruling.environment}: {word}; {ruling.reason}"]
    if ruling.slot is not None and ruling.slot.conflicts:
        costs = ", ".join(f"{c.window} {c.price:g}" for c in ruling.slot.conflicts)
        lines.append(f"  costs {ruling.slot.price:g}: {costs}")
    if ruling.cheaper is not None:
        lines.append(f"  {_brief(ruling.cheaper.start_at)} costs {ruling.cheaper.price:g}")
    if ruling.next_close is not None:
        lines.append(f"  closes {_brief(ruling.next_close)}: {ruling.next_close_reason}")
    lines += [f"  {who_clears}" for c in ruling.closed_by for who_clears in c.can_be_cleared_by]
    lines += [f"  {warning}" for warning in ruling.warnings]
    return "\n".join(lines)


def _row(day: Day) -> tuple[str, ...]:
    begins = f"{day.slot.start_at:%H:%MZ}" if day.slot is not None else "-"
    if day.slot is not None and day.slot.start_at.date() != day.day.date():
        begins = f"{day.slot.start_at:%a %H:%MZ}"
    return (f"{day.day:%a %Y-%m-%d}", begins, str(day.blocked_by or ""))


def _listed_row(one: Listed) -> tuple[str, ...]:
    return (
        _brief(one.start_at),
        "it is lifted" if one.endless else _brief(one.end_at),
        one.source,
        one.kind if one.weight is None else f"{one.weight:g} an hour",
        one.about,
        one.reason,
    )


def _freeze_row(freeze: Freeze) -> tuple[str, ...]:
    end = _brief(freeze.end_at) if freeze.end_at else "it is lifted"
    if freeze.lifted_at is not None:
        end = f"lifted {_brief(freeze.lifted_at)} by {freeze.lifted_by}"
    return (
        freeze.name,
        _brief(freeze.start_at),
        end,
        str(freeze.scope),
        freeze.in_flight,
        freeze.declared_by,
        freeze.reason,
    )


def _brief(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %Y-%m-%d %H:%MZ}"


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _moment(written: str, option: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise CommandFailed(f"{option} {written}: {error}", ExitCode.USAGE) from error
    if at.tzinfo is None:
        message = f"{option} {written}: says no time zone; write it with Z or an offset"
        raise CommandFailed(message, ExitCode.USAGE)
    return at


def _span(written: str) -> timedelta:
    try:
        found = parse_duration(written)
    except ValueError as error:
        raise CommandFailed(str(error), ExitCode.USAGE) from error
    if not isinstance(found, timedelta) or found <= timedelta(0):
        message = f"{written!r} is no length of time such as {write_duration(timedelta(hours=4))}"
        raise CommandFailed(message, ExitCode.USAGE)
    return found
