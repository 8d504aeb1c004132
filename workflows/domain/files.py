"""The files that documents name, and where they name them."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pydantic import BaseModel

from workflows.domain.values import FileName

Place: TypeAlias = tuple[str | int, ...]
"""The path to a field as people write it: names in camelCase, and positions in lists."""


def named_files(part: object, at: Place = ()) -> Iterator[tuple[Place, FileName]]:
    """Every `FileName` in *part* and what it holds, with where it stands, as written."""
    if isinstance(part, FileName):
        yield at, part
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from named_files(getattr(part, name), (*at, field.alias or name))
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from named_files(value, (*at, str(key)))
    elif isinstance(part, tuple | list):
        for nth, value in enumerate(part):
            yield from named_files(value, (*at, nth))
