"""Running git: no shell, nobody's configuration, and a bound on time and output."""

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from workflows.domain.errors import Refused, Unavailable

MOST_BYTES = 32 * 1024 * 1024

# Whatever the machine, the worker's user or the repository would have git do besides.
_QUIET = {
    "GIT_ALLOW_PROTOCOL": "file:https:http:ssh",
    "GIT_ASKPASS": "true",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_SETTINGS = ("core.hooksPath=/dev/null", "core.quotePath=false", "gc.auto=0")
_LOGIN = re.compile(r"//[^/@\s]*@")


class GitFailed(Exception):
    """Git ended with an error; *said* is its last line, without any login."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"git ended with {code}: {said}")
        self.said = said


class TooMuch(Exception):
    """Git had more to say than is read."""


class Git:
    """The git program, in one repository's folder.

    *secrets* are settings of git that hold a credential: they are handed over in the
    environment, never as arguments, which other users of the machine can read.
    """

    def __init__(
        self, folder: Path, *, seconds: float = 120, secrets: Mapping[str, str] | None = None
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._secrets = dict(secrets or {})

    def __call__(self, *arguments: str, most: int = MOST_BYTES) -> bytes:
        """What git writes to its output.

        Raises:
            GitFailed: it ended with an error.
            TooMuch: it wrote more than *most* bytes.
            Unavailable: it was not done in time.
            Refused: there is no git on this machine.
        """
        settings = (word for one in _SETTINGS for word in ("-c", one))
        with tempfile.TemporaryFile() as errors:
            try:
                # Fixed program, words of ours or names that were checked, and no shell.
                process = subprocess.Popen(  # noqa: S603
                    ["git", *settings, *arguments],  # noqa: S607 - the image says which git
                    cwd=self._folder,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                )
            except FileNotFoundError as error:
                raise Refused("there is no program `git` on this worker's path") from error
            return self._read(process, errors, arguments[0], most)

    def _read(
        self, process: "subprocess.Popen[bytes]", errors: IO[bytes], verb: str, most: int
    ) -> bytes:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, give_up)
        timer.start()
        try:
            with process:
                read = process.stdout.read(most + 1) if process.stdout else b""
                if len(read) > most:
                    process.kill()
        finally:
            timer.cancel()
        if late.is_set():
            raise Unavailable(f"git {verb} was not done in {self._seconds:g} s")
        if len(read) > most:
            raise TooMuch(f"git {verb} had more than {most // 1024} KiB to say")
        if process.returncode:
            raise GitFailed(process.returncode, _last_line(errors))
        return read

    def _environment(self) -> dict[str, str]:
        handed = {"GIT_CONFIG_COUNT": str(len(self._secrets))}
        for at, (name, value) in enumerate(self._secrets.items()):
            handed |= {f"GIT_CONFIG_KEY_{at}": name, f"GIT_CONFIG_VALUE_{at}": value}
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": path, "HOME": str(self._folder), **_QUIET, **handed}


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read(64 * 1024).decode("utf-8", "replace").strip().splitlines()
    return _LOGIN.sub("//", lines[-1])[:300] if lines else "it said nothing"
