"""Printing what a command found: text for people, JSON or YAML for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.console import Console

_PIPE_WIDTH = 160


class OutputFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


def show(found: JsonValue, output: OutputFormat, *, text: Callable[[], None]) -> None:
    """Print *found* as *output* asks; *text* prints it for people."""
    if output is OutputFormat.TEXT:
        text()
    elif output is OutputFormat.JSON:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.default_flow_style = False
        yaml.width = 4096  # a digest stays on the line of its key
        yaml.dump(found, sys.stdout)


def console() -> Console:
    """Where tables are printed: as wide as the terminal, or wide enough not to break lines."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(width=width, highlight=False, soft_wrap=False)


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print *rows* in columns under *headings*, without a frame; nothing is coloured."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    console().print(grid)
