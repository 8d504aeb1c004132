"""`lockgate approve`, `reject`, `hold` and their like: telling a release what people want."""

from typing import Annotated

import typer

from starters.options import By, NeededReason, Output, Reason, Release, examples
from starters.output import OutputFormat

Digest = Annotated[
    str | None,
    typer.Option(
        "--digest",
        metavar="SHA256",
        help="The decision digest you looked at; a release that is not it refuses the vote.",
    ),
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Kept with the vote.")]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate approve shop-2026.11 --by ana",
            'lockgate approve shop-2026.11 --by ana --note "read it" --digest sha256:9c1e...',
        )
    )(approve)
    app.command(
        epilog=examples('lockgate reject shop-2026.11 --by ana --reason "no rollback runbook"')
    )(reject)
    app.command(epilog=examples('lockgate hold shop-2026.11 --reason "wait for support"'))(hold)
    app.command(epilog=examples("lockgate resume shop-2026.11"))(resume)
    app.command(
        epilog=examples('lockgate promote shop-2026.11 --by ana --reason "night, few requests"')
    )(promote)
    app.command(epilog=examples('lockgate abort shop-2026.11 --reason "wrong build"'))(abort)
    app.command(epilog=examples('lockgate rollback shop-2026.11 --reason "orders are lost"'))(
        rollback
    )
    app.command(epilog=examples('lockgate retry shop-2026.11 --reason "Envoy is back"'))(retry)
    app.command(
        "confirm-repaired",
        epilog=examples('lockgate confirm-repaired shop-2026.11 --reason "removed v3 by hand"'),
    )(confirm_repaired)


def approve(
    release: Release,
    *,
    by: By = None,
    note: Note = "",
    digest: Digest = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what is to be approved, and approve exactly that.

    Where the policy asks for a proven identity, whoever is signed in proves it by a token that
    stands for this one decision: in a browser, or with the vault's token of `lockgate login
    --user`. Elsewhere the name is asserted, not proven, and recorded so: whoever can reach
    Temporal can claim it. Who asked for the release, wrote or built it cannot approve it.
    """
    _vote(release, approved=True, by=by, note=note, digest=digest, output=output)


def reject(
    release: Release,
    *,
    reason: NeededReason,
    by: By = None,
    digest: Digest = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Close the open gate: the release is denied, and what it did so far is put back.

    Proven or asserted, as for `approve`.
    """
    _vote(release, approved=False, by=by, note=reason, digest=digest, output=output)


def hold(release: Release, *, by: By = None, reason: Reason = None) -> None:
    """Stop at the weight it has; it watches on, and still turns back on harm."""
    _tell(release, "hold", by=by, reason=reason)


def resume(release: Release, *, by: By = None, reason: Reason = None) -> None:
    """End a hold that a person asked for."""
    _tell(release, "resume", by=by, reason=reason)


def promote(release: Release, *, by: By = None, reason: Reason = None) -> None:
    """Go on now: end a hold, a pause, or an analysis that cannot conclude."""
    _tell(release, "promote", by=by, reason=reason)


def abort(release: Release, *, reason: NeededReason, by: By = None) -> None:
    """Give the release up: everything goes back, and it ends as Cancelled."""
    _tell(release, "abort", by=by, reason=reason)


def rollback(release: Release, *, reason: NeededReason, by: By = None) -> None:
    """Put everything back: of a release under way, or of one that ended as Healthy."""
    _tell(release, "rollback", by=by, reason=reason)


def retry(release: Release, *, by: By = None, reason: Reason = None) -> None:
    """Of an incomplete rollback: look again, undo what is still wrong, touch nothing else."""
    _tell(release, "retry", by=by, reason=reason)


def confirm_repaired(release: Release, *, by: By = None, reason: Reason = None) -> None:
    """Of an incomplete rollback: say that people put the rest right; it then ends."""
    _tell(release, "confirm-repaired", by=by, reason=reason)


def _vote(
    release: str,
    *,
    approved: bool,
    by: str | None,
    note: str,
    digest: str | None,
    output: OutputFormat,
) -> None:
    from starters.verbs import steering

    steering.vote(release, approved=approved, by=by, note=note, digest=digest, output=output)


def _tell(release: str, word: str, *, by: str | None, reason: str | None) -> None:
    from starters.verbs import steering

    steering.tell(release, word, by=by, reason=reason or "")
