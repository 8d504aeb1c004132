"""Reading the token that others must show, from a file that only its owner can read."""

import os
import stat
from pathlib import Path

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed

_SHORTEST = 16


def read_token(path: Path, *, named_by: str = "--token-file") -> str:
    """The token in *path*, without the white space around it.

    Raises:
        CommandFailed: the file cannot be read, others may read it, or it holds no token; the text
            says what to do and nothing of the token.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            content = file.read(4096)
    except OSError as error:
        raise _failed(
            path, named_by, f"cannot be read: {error.strerror}; write the token into it"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise _failed(path, named_by, "is no file")
    if found.st_mode & 0o077 or found.st_uid != os.geteuid():
        mode = stat.filemode(found.st_mode)
        raise _failed(
            path, named_by, f"is {mode} of user {found.st_uid}; it must be yours alone: chmod 600"
        )
    token = content.decode("ascii", "replace").strip()
    if len(token) < _SHORTEST or not token.isprintable() or " " in token or "\ufffd" in token:
        raise _failed(
            path, named_by, f"must hold one token of at least {_SHORTEST} ASCII letters and digits"
        )
    return token


def _failed(path: Path, named_by: str, why: str) -> CommandFailed:
    return CommandFailed(f"{named_by} {path}: {why}", ExitCode.USAGE)
