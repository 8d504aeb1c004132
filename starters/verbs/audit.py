"""Printing whether the record is what was written; writing evidence packs; ruling again."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import typer
from pydantic import JsonValue
from temporalio.client import Client

from infra.rego.process import RegoProcess
from starters.audit.audit_export import export as exported
from starters.audit.audit_sealed import (
    access_of,
    chains_of,
    proofs,
    ruled,
    rulings,
    seals,
    whole_log,
)
from starters.audit.record import verified
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed, ReleaseNotFound
from starters.output import OutputFormat, show
from starters.releases import find
from starters.session import converse
from workflows.domain.audit import Link
from workflows.domain.audit_log.examining import Examination, examine
from workflows.domain.audit_log.note import NoteUntrusted, read_key
from workflows.domain.audit_log.proof import newest_of, unproved
from workflows.domain.audit_log.replay import Outcome, Replay
from workflows.domain.audit_log.replay import replay as ruled_again
from workflows.domain.errors import Diverged, TargetMissing


def verify_chain(name: str, *, trusted: Collection[str], by: str, output: OutputFormat) -> int:
    """Whether every entry of a chain follows from the one before, and is under a checkpoint."""

    async def work(client: Client) -> tuple[str, tuple[Link, ...], str | None, int, str]:
        found = await _chain(client, name)
        access = access_of(by, "verify")
        links, flaw = await verified(client, found, access=access)
        if flaw is not None:
            return found, links, flaw, 0, ""
        return found, links, *await _sealed(client, found, links, trusted)

    found, chain, flaw, sealed, told = converse(work)
    head = chain[-1].hash if chain else None
    intact = f"intact: {len(chain)} entries, head {head}; {told}"
    sentence = f"broken: {flaw}" if flaw else intact
    verdict: JsonValue = {
        "release": found,
        "intact": flaw is None,
        "entries": len(chain),
        "sealed": sealed,
        "head": head,
        "flaw": flaw,
    }
    show(verdict, output, text=lambda: typer.echo(f"{found}: {sentence}"))
    return ExitCode.AUDIT_BROKEN if flaw else ExitCode.OK


async def _chain(client: Client, name: str) -> str:
    """The release's latest run, as Temporal knows it, or a chain that only the ledger knows."""
    with suppress(ReleaseNotFound):
        return await find(client, name)
    found = await chains_of(client, name)
    if len(found) > 1:
        raise CommandFailed(f"{name} ran more than once: {', '.join(found)}", ExitCode.USAGE)
    return found[0]


async def _sealed(
    client: Client, chain: str, links: Sequence[Link], trusted: Collection[str]
) -> tuple[str | None, int, str]:
    """What is wrong between *links* and the checkpoints, how many are under one, and in words."""
    try:
        shown = await seals(client)
    except TargetMissing:
        return None, 0, "under no checkpoint: nothing is sealed"
    except Diverged as error:
        return str(error), 0, ""
    try:
        newest = newest_of(shown.seals, [read_key(key) for key in trusted or shown.keys])
    except NoteUntrusted as error:
        return str(error), 0, ""
    proved, _ = await proofs(client, chain, size=newest.size)
    told = f"{len(proved)} of them under {newest}"
    return next(unproved(links, proved, newest), None), len(proved), told


def verify_log(*, output: OutputFormat) -> int:
    """Whether every record is what was sealed."""
    report = converse(whole_log)
    sentence = (
        f"broken: {report.flaw}"
        if report.flaw
        else f"intact: {report.records} records as in {report.checkpoints} checkpoints; "
        f"{report.unsealed} came after the newest one"
    )
    show(report.model_dump(mode="json"), output, text=lambda: typer.echo(f"the log: {sentence}"))
    return ExitCode.AUDIT_BROKEN if report.flaw else ExitCode.OK


def verify_pack(file: Path, *, trusted: Collection[str], output: OutputFormat) -> int:
    """Whether every byte of an evidence pack is what was exported."""
    found = examine(_bytes(file), trusted=trusted)
    verdict: JsonValue = {
        "export": str(file),
        "intact": not found.flaws,
        "at": found.at.isoformat() if found.at else None,
        "by": found.by,
        "records": found.records,
        "chains": {part.chain: len(part.links) for part in found.parts},
        "rulings": sum(len(part.decisions) for part in found.parts),
        "checkpoint": found.newest.size if found.newest else None,
        "keys": list(found.keys),
        "keysTrusted": bool(trusted),
        "flaws": list(found.flaws),
    }
    show(verdict, output, text=lambda: _tell(file, found, trusted=bool(trusted)))
    return ExitCode.AUDIT_BROKEN if found.flaws else ExitCode.OK


def _tell(file: Path, found: Examination, *, trusted: bool) -> None:
    if found.flaws:
        typer.echo(f"{file}: broken:")
        for flaw in found.flaws:
            typer.echo(f"  {flaw}")
        return
    chains = f"{found.records} records of {len(found.parts)} chains"
    typer.echo(f"{file}: intact: {chains}, under {found.newest}")
    typer.echo(f"exported {found.at:%Y-%m-%d %H:%M:%S} UTC by {found.by}; signed with")
    for key in found.keys:
        typer.echo(f"  {key}")
    if not trusted:
        typer.echo(
            "compare these keys with those that you know from elsewhere, or give them by --key"
        )


def export(
    releases: Sequence[str],
    *,
    to: Path,
    framework: str | None,
    by: str,
    output: OutputFormat,
) -> None:
    """Write the pack, once it has been examined as whoever is given it will."""
    pack = converse(lambda client: exported(client, releases, framework=framework, reader=by))
    found = examine(pack)
    if found.flaws:
        raise CommandFailed(
            "the record is not what was sealed, nothing is written: " + "; ".join(found.flaws),
            ExitCode.AUDIT_BROKEN,
        )
    try:
        to.write_bytes(pack)
    except OSError as error:
        raise CommandFailed(
            f"{to}: cannot be written: {error.strerror}", ExitCode.USAGE
        ) from error
    told: JsonValue = {
        "export": str(to),
        "records": found.records,
        "chains": [part.chain for part in found.parts],
        "checkpoint": found.newest.size if found.newest else None,
        "keys": list(found.keys),
    }
    show(
        told,
        output,
        text=lambda: typer.echo(
            f"{to}: {found.records} records of {len(found.parts)} chains, under {found.newest}; "
            "index.html in it is to be read first"
        ),
    )


def replay(target: str, *, output: OutputFormat) -> int:
    """Whether every recorded ruling comes out as it did."""
    file = Path(target)
    if file.is_file():
        found = examine(_bytes(file))
        if found.flaws:
            raise CommandFailed(f"{file}: {found.flaws[0]}", ExitCode.AUDIT_BROKEN)
        recorded = [decision for one in found.parts for decision in one.decisions]
    else:
        recorded = converse(lambda client: _recorded(client, target))
    engine = RegoProcess()
    replays = [ruled_again(decision, engine) for decision in recorded]
    told: JsonValue = [one.model_dump(mode="json") for one in replays]
    show(told, output, text=lambda: _tell_replays(target, replays))
    same = all(one.outcome is Outcome.SAME for one in replays)
    return ExitCode.OK if same else ExitCode.AUDIT_BROKEN


async def _recorded(client: Client, name: str) -> list[JsonValue]:
    found: list[JsonValue] = []
    for chain in await chains_of(client, name):
        links, flaw = await verified(client, chain)
        if flaw is not None:
            raise CommandFailed(f"{chain}: {flaw}", ExitCode.AUDIT_BROKEN)
        found += [ruling async for ruling in rulings(client, ruled(links))]
    return found


def _tell_replays(target: str, replays: Sequence[Replay]) -> None:
    same = sum(one.outcome is Outcome.SAME for one in replays)
    typer.echo(f"{target}: {same} of {len(replays)} rulings come out as they did")
    for one in replays:
        at = f"{one.at:%Y-%m-%d %H:%M:%S} UTC" if one.at else "?"
        typer.echo(f"  {at}  {one.recorded or '?':<9} {one.outcome:<10} {one.digest}")
        for difference in one.differences:
            typer.echo(f"      {difference}")


def keys(*, output: OutputFormat) -> None:
    """The keys of the newest checkpoint's store.

    Raises:
        CommandFailed: nothing is sealed yet.
    """
    try:
        found = converse(seals).keys
    except TargetMissing as error:
        raise CommandFailed(
            f"{error}: the schedule lockgate-seal does so every ten minutes; "
            "`lockgate schedules apply` creates it"
        ) from error
    show(list(found), output, text=lambda: typer.echo("\n".join(found)))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{file}: cannot be read: {error.strerror}", ExitCode.USAGE) from error
