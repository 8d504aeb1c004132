"""The program file by which supervisord runs one version."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.domain.errors import Refused

# Longer than the ten seconds that a service may take to end its open requests.
_STOP_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Program:
    """`python` as first word of *command* is the interpreter that this worker runs on."""

    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path
    environ: Mapping[str, str]

    def text(self) -> str:
        """The file's content.

        Raises:
            Refused: a value holds what supervisord's file format cannot.
        """
        first, *rest = self.command
        command = shlex.join([sys.executable if first == "python" else first, *rest])
        environment = ",".join(
            f'{name}="{_quotable(name, value)}"' for name, value in sorted(self.environ.items())
        )
        lines = {
            "command": _one_line("command", command),
            "directory": _one_line("directory", str(self.folder)),
            "environment": _one_line("environ", environment),
            "autostart": "true",
            "autorestart": "true",
            "startretries": "10",
            "stopsignal": "TERM",
            "stopwaitsecs": str(_STOP_SECONDS),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": _one_line("log", str(self.log)),
            "stdout_logfile_maxbytes": "5MB",
            "stdout_logfile_backups": "1",
        }
        body = "".join(f"{key}={value}\n" for key, value in lines.items())
        return f"[program:{self.name}]\n{body}"


def _one_line(field: str, value: str) -> str:
    """*value* as supervisord reads it back: `%` begins an expansion there, ` ;` a comment."""
    if not value.isprintable() or " ;" in value or " #" in value:
        raise Refused(f"{field}: {value!r} holds a control character, ' ;' or ' #'; remove it")
    return value.replace("%", "%%")


def _quotable(name: str, value: str) -> str:
    if set(value) & set("\"'"):
        raise Refused(f"environ.{name}: holds a quote, which a program file cannot; remove it")
    return value
