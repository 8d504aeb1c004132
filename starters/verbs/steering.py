"""Votes and commands from the command line: what is shown before, sent, and answered."""

import asyncio

import typer
from pydantic import JsonValue, ValidationError
from temporalio.client import Client

from starters import steering
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.identity import signing_in
from starters.options import who
from starters.output import OutputFormat, show
from starters.releases import find, read
from starters.session import converse
from workflows.domain.gates.vote import Vote
from workflows.domain.people.identity import Assurance
from workflows.domain.release.commands import Command
from workflows.domain.release.status import APPROVAL_OF, GateView, ReleaseStatus
from workflows.domain.values import short


def vote(
    release: str,
    *,
    approved: bool,
    by: str | None,
    note: str,
    digest: str | None,
    output: OutputFormat,
) -> None:
    """Show what is voted on, cast the vote on exactly that, and say what the gate makes of it.

    Raises:
        CommandFailed: the vote does not count (DENIED), or nothing is open to vote on.
    """

    async def work(client: Client) -> tuple[ReleaseStatus, Vote, GateView]:
        found = await find(client, release)
        status = await read(client, found)
        proven = status.identity is Assurance.PROVEN
        voter = (by or "") if proven else who(by)
        ballot = _ballot(status, voter, approved=approved, note=note, digest=digest)
        if output is OutputFormat.TEXT:
            typer.echo(_shown(status, ballot, proven=proven))
        cast = await _proven(status, ballot) if proven else ballot
        return status, ballot, await steering.vote(client, found, cast)

    status, ballot, gate = converse(work)
    missing = f"; still needs {', '.join(gate.missing)}" if gate.missing else ""
    said: JsonValue = {
        "release": status.release,
        "vote": ballot.model_dump(mode="json", exclude={"proof"}),
        "gate": gate.model_dump(mode="json"),
    }
    show(
        said,
        output,
        text=lambda: typer.echo(f"gate of {gate.environment}: {gate.decision}{missing}"),
    )


async def _proven(status: ReleaseStatus, ballot: Vote) -> Vote:
    """The vote with the token of whoever is signed in, which stands for it and for no other.

    Raises:
        CommandFailed: nobody signs in, or no identity provider is configured.
    """
    statement = ballot.statement(
        release=status.release, run=status.run_id, gate=ballot.environment or ""
    )
    # A browser may take minutes, during which the connection to Temporal must be kept.
    proof = await asyncio.to_thread(signing_in.prove, statement)
    return ballot.model_copy(update={"proof": proof})


def tell(release: str, word: str, *, by: str | None, reason: str) -> None:
    """Send one command, with the name and the reason that the audit record keeps.

    Raises:
        CommandFailed: the release has ended, and nothing is left to tell (USAGE).
    """
    said = Command(by=who(by), reason=reason)
    if word in _REASONED and not reason.strip():
        raise CommandFailed(f"{word} needs a --reason that says something", ExitCode.USAGE)

    async def work(client: Client) -> str:
        found = await find(client, release)
        if word == steering.Word.ROLLBACK:
            return f"{found}: {await steering.roll_back(client, found, said)}"
        await steering.command(client, found, steering.Word(word), said)
        return f"{found}: told {word} {said}"

    typer.echo(converse(work))


_REASONED = {steering.Word.ABORT, steering.Word.ROLLBACK}


def _ballot(
    status: ReleaseStatus, voter: str, *, approved: bool, note: str, digest: str | None
) -> Vote:
    bound = digest or status.decision_digest
    if bound is None:
        raise CommandFailed(
            f"{status.name} is {status.phase}: nothing is planned yet that could be voted on",
            ExitCode.DENIED,
        )
    try:
        return Vote(
            voter=voter,
            approved=approved,
            digest=bound,
            note=note,
            environment=_open_gate(status),
        )
    except ValidationError as error:
        raise CommandFailed(
            f"--digest {digest}: expected sha256: and 64 hexadecimal digits, as in "
            f"`lockgate status {status.name} -o json | jq -r .decisionDigest`",
            ExitCode.USAGE,
        ) from error


def _open_gate(status: ReleaseStatus) -> str | None:
    """The environment whose gate is open, so that the vote counts at no other."""
    gates = (blocker.gate for blocker in status.blocked_by)
    return next((g.removeprefix(APPROVAL_OF) for g in gates if g.startswith(APPROVAL_OF)), None)


def _shown(status: ReleaseStatus, ballot: Vote, *, proven: bool) -> str:
    """What the vote is about, as the release shows it now."""
    ticket = f" ({status.ticket})" if status.ticket else ""
    lines = [f"{status.name}: {status.summary}{ticket}, asked for by {status.requested_by}"]
    for view in status.targets:
        old = short(view.replaces) if view.replaces else "what runs"
        new = f"{view.artifact.version} {short(view.artifact.digest)}"
        lines.append(f"  {view.target}  {old} → {new}")
    lines += [f"  waits at {blocker.gate}: {blocker.reason}" for blocker in status.blocked_by]
    lines.append(f"  digest {ballot.digest}")
    word = "approves" if ballot.approved else "rejects"
    whose = "whoever signs in (proven)" if proven else f"{ballot.voter} (asserted)"
    lines.append(f"{whose} {word}" + (f": {ballot.note}" if ballot.note else ""))
    return "\n".join(lines)
