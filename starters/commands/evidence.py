"""`lockgate evidence`: files that show of a build what a policy wants to be shown."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import By, Output, examples
from starters.output import OutputFormat
from workflows.domain.attestations.types import EvidenceType

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Files that show of a build what a policy wants to be shown.",
)

_DIGEST = "sha256:DIGEST"
_SAMPLE = "sha256:" + 4 * "ab" + "…"

Artifact = Annotated[
    str, typer.Option("--artifact", metavar=_DIGEST, help="The build that it is about.")
]


@app.command(
    epilog=examples(
        f"lockgate evidence add junit.xml coverage.xml --artifact {_SAMPLE}",
        f"lockgate evidence add provenance.json --artifact {_SAMPLE} --type slsa-provenance",
        f"lockgate evidence add scan.sarif --artifact {_SAMPLE} --release shop-2026.11 -o json",
    )
)
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to add.")],
    *,
    artifact: Artifact,
    type: Annotated[
        EvidenceType | None,
        typer.Option("--type", help="Refuse anything else; the type is told from the content."),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            "--release", metavar="RELEASE", help="Tell this release alone, not every open one."
        ),
    ] = None,
    by: By = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Keep files as evidence about a build: under their digest, locked, for whoever rules on it.

    JUnit, Cobertura, LCOV, SARIF, CycloneDX, SPDX, in-toto statements and DSSE envelopes are told
    apart by their content. Adding a file again changes nothing. Releases that wait are told.
    """
    from starters.commands.digests import digest
    from starters.options import who
    from starters.verbs import evidence

    evidence.add(
        files, artifact=digest(artifact), by=who(by), type=type, release=release, output=output
    )


@app.command(
    "list",
    epilog=examples(
        f"lockgate evidence list --artifact {_SAMPLE}",
        "lockgate evidence list --release shop-2026.11",
    ),
)
def listed(
    *,
    artifact: Annotated[
        list[str] | None,
        typer.Option("--artifact", metavar=_DIGEST, help="A build; may be given several times."),
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", metavar="RELEASE", help="The builds of a release.")
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """List what is kept about builds, read again now, with what is wrong with it."""
    from starters.commands.digests import digest
    from starters.verbs import evidence

    artifacts = [digest(each) for each in artifact or ()]
    evidence.listed(artifacts, release=release, output=output)


@app.command(
    epilog=examples(
        "lockgate evidence keys > lockgate.pem",
        "lockgate evidence verify decision.json --key lockgate.pem",
        f"lockgate evidence verify decision.json --key lockgate.pem --artifact {_SAMPLE}",
    )
)
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A DSSE envelope.")],
    *,
    key: Annotated[
        list[Path],
        typer.Option("--key", metavar="PEM", help="A public key; may be given several times."),
    ],
    artifact: Annotated[
        str | None,
        typer.Option("--artifact", metavar=_DIGEST, help="The build that it must be about."),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Check, without any server, who signed a statement; exit code 31 if none of the keys did."""
    from starters.commands.digests import digest
    from starters.verbs import evidence

    about = None if artifact is None else digest(artifact)
    raise typer.Exit(evidence.verify(file, keys=key, artifact=about, output=output))


@app.command(epilog=examples(f"lockgate evidence get {_SAMPLE} --to decision.json"))
def get(
    digest: Annotated[
        str, typer.Argument(metavar=_DIGEST, help="The file, as `list` or a status names it.")
    ],
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where to write it.  [default: the output]"),
    ] = None,
) -> None:
    """Fetch a file of evidence, or a signed decision, whose bytes are checked on the way."""
    from starters.commands import digests
    from starters.verbs import evidence

    evidence.get(digests.digest(digest), to=to)


@app.command(epilog=examples("lockgate evidence keys > lockgate.pem"))
def keys(*, output: Output = OutputFormat.TEXT) -> None:
    """Print the public keys with which signed decisions are checked, the newest last."""
    from starters.verbs import evidence

    evidence.keys(output=output)
