"""`lockgate audit`: whether the record is what was written, and showing that to somebody else."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, examples, who
from starters.output import OutputFormat

_VERIFY = examples(
    "lockgate audit verify shop-2026.11",
    "lockgate audit verify",
    'lockgate audit verify --export pack.zip --key "$(cat audit.key)"',
)
_EXPORT = examples(
    "lockgate audit export shop-2026.11 --control sox --to pack.zip",
    "lockgate audit export --control hipaa --to everything.zip",
)
_REPLAY = examples("lockgate audit replay shop-2026.11", "lockgate audit replay pack.zip")

Export = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="FILE",
        help="An evidence pack; nothing else is read, and no server is asked.",
    ),
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="A key that you trust, as `lockgate audit keys` prints it; none but these may sign.",
    ),
]


class Framework(StrEnum):
    SOX = "sox"
    HIPAA = "hipaa"


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    audit.command(epilog=_VERIFY)(verify)
    audit.command(epilog=_EXPORT)(export)
    audit.command(epilog=_REPLAY)(replay)
    audit.command(epilog=examples("lockgate audit keys > audit.keys"))(keys)
    audit.callback()(_audit)
    app.add_typer(
        audit,
        name="audit",
        help="Check the audit record, and export it.",
        epilog=examples("lockgate audit verify shop-2026.11"),
    )


def _audit() -> None:
    """Check the audit record, and export it."""


def verify(
    release: Annotated[
        str | None,
        typer.Argument(
            metavar="RELEASE",
            help="The release's name or id, or another chain; without it, the whole log.",
        ),
    ] = None,
    *,
    export: Export = None,
    key: Keys = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Check that the audit record is as it was written, and as it was sealed; exit code 31 if not.

    Of a release: each entry follows from the one before, and each is under a checkpoint that was
    signed and put where nobody can change it. Without a release: every record there is, against
    every checkpoint. Of an evidence pack: every byte of it, without asking anybody.
    """
    from starters.verbs import audit

    if export is not None:
        raise typer.Exit(audit.verify_pack(export, trusted=key or (), output=output))
    if release is None:
        raise typer.Exit(audit.verify_log(output=output))
    raise typer.Exit(audit.verify_chain(release, trusted=key or (), by=who(by), output=output))


def export(
    release: Annotated[
        list[str] | None,
        typer.Argument(metavar="RELEASE", help="Every run of each; without any, all there is."),
    ] = None,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write.")],
    control: Annotated[
        Framework | None,
        typer.Option("--control", help="Map the records to the controls of this framework."),
    ] = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Write an evidence pack: records, proofs, checkpoints, keys, controls, and a page to read.

    Whoever is given the file can verify it without us, and read `index.html` in it. That it was
    exported, and by whom, is on the record.
    """
    from starters.verbs import audit

    framework = None if control is None else control.value
    audit.export(release or (), to=to, framework=framework, by=who(by), output=output)


def replay(
    target: Annotated[
        str, typer.Argument(metavar="EXPORT|RELEASE", help="An evidence pack, or a release.")
    ],
    *,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Make every recorded ruling again from what it went by; exit code 31 where one differs.

    With this build's code: another one may rule otherwise, and then says where.
    """
    from starters.verbs import audit

    raise typer.Exit(audit.replay(target, output=output))


def keys(*, output: Output = OutputFormat.TEXT) -> None:
    """Print the keys that ever signed a checkpoint: keep them where who has the pack does not."""
    from starters.verbs import audit

    audit.keys(output=output)
