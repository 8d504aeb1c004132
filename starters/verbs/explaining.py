"""Explaining where a release stands."""

from pathlib import Path

import typer
from temporalio.client import Client

from starters.audit.decision_log import newest
from starters.audit.decision_log import read as read_decision
from starters.exit_codes import code_of
from starters.failures import NobodyAnswers
from starters.options import chosen_codes
from starters.output import OutputFormat, show
from starters.planning.explanation import Explanation, explained_as_json, explained_as_text
from starters.planning.foreseeing import foresee
from starters.planning.may_release import answer
from starters.releases import find, read, the_only
from starters.session import converse
from starters.verbs.releases import order_of
from workflows.domain.admission.recorded import RecordedDecision
from workflows.domain.errors import ReleaseError
from workflows.domain.release.status import ReleaseStatus

_LOOKED_AT = 100


def explain(release: str | None, *, fail_on: str | None, output: OutputFormat) -> int:
    """Print why *release*, or the one that is meant, is where it is; its exit code."""
    codes = chosen_codes(fail_on)

    async def work(client: Client) -> Explanation:
        found = await find(client, release) if release else await the_only(client)
        status = await read(client, found)
        try:
            ruling = await _ruling(client, status)
        except (NobodyAnswers, ReleaseError) as error:
            return Explanation(status=status, unread=str(error))
        unread = "" if ruling else "none of its rulings is recorded"
        return Explanation(status=status, ruling=ruling, unread=unread)

    seen = converse(work)
    show(explained_as_json(seen), output, text=lambda: typer.echo(explained_as_text(seen)))
    return code_of(seen.status.phase, codes)


async def _ruling(client: Client, status: ReleaseStatus) -> RecordedDecision | None:
    """The newest recorded ruling on the release."""
    entries = await newest(client, last=_LOOKED_AT, name=status.name)
    ours = [entry for entry in entries if entry.release == status.release]
    return await read_decision(client, ours[0].digest) if ours else None


def may_release(file: Path, *, catalog: Path | None, by: str | None, output: OutputFormat) -> int:
    """Print whether the release of *file* may go now; the exit code says the same.

    Raises:
        FilesRefused: the files are not in order.
        CommandFailed: this person cannot start this release (DENIED).
    """
    found = answer(foresee(order_of(file, catalog=catalog, by=by)))

    def text() -> None:
        typer.echo(found.word)
        for reason in found.reasons:
            typer.echo(f"  {reason}")

    show(found.as_json(), output, text=text)
    return found.code
