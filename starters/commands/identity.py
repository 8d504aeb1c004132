"""`lockgate login`, `logout` and `whoami`: who decisions are proven to come from."""

from pathlib import Path
from typing import Annotated

import typer

from starters.options import Output, examples
from starters.output import OutputFormat


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(
        epilog=examples(
            "lockgate login",
            "lockgate login --user ana",
            "lockgate login --user ana --password-file ~/.secrets/ana",
        )
    )(login)
    app.command(epilog=examples("lockgate logout"))(logout)
    app.command(
        epilog=examples(
            "lockgate whoami", "lockgate whoami --catalog catalog/ -o json | jq .roles"
        )
    )(whoami)


def login(
    *,
    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            metavar="NAME",
            help="Sign in at OpenBao or Vault by name and password, without a browser.",
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="Where the password is, for scripts.  [default: ask for it]",
            show_default=False,
        ),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Sign in to the identity provider, and say who that is.

    In a browser nothing is kept here: the browser stays signed in, and each decision asks it for
    a token of its own. With --user the vault's token is kept in a file that is yours alone, until
    `lockgate logout`. Scripts give theirs by LOCKGATE_VAULT_TOKEN or LOCKGATE_VAULT_TOKEN_FILE.
    """
    from starters.verbs import identity

    identity.login(user=user, password_file=password_file, output=output)


def logout() -> None:
    """Revoke the vault's token that `login --user` kept, and remove it."""
    from starters.verbs import identity

    identity.logout()


def whoami(
    *,
    catalog: Annotated[
        Path | None,
        typer.Option(
            "--catalog",
            metavar="FOLDER",
            help="Also ask a worker which person of this catalog that is, in which roles.",
            show_default=False,
        ),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Say as whom decisions would be proven: account and groups of whoever is signed in."""
    from starters.verbs import identity

    identity.whoami(catalog=catalog, output=output)
