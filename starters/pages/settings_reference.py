"""The reference of a worker's settings file in Markdown, made from the models that read it."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from infra.settings import SETTINGS_VARIABLE, Settings

_HEADING = f"""A worker reads one TOML file, which the environment variable
`{SETTINGS_VARIABLE}` names. It says what each *connection* that a catalog names really is, so that
nobody who writes a catalog can point a worker's credentials somewhere else. A key that is not
listed here is an error; all problems of a file are named at once. No secret stands in the file:
it says where in the vault each one is. How to fill it in:
[Run Lockgate in production](../how-to/run-in-production.md).

`lockgate dev up` writes one for the local stack, `.lockgate/settings.toml`: a complete example.
Where Temporal is, and as whom a worker speaks to it, is not in this file but in Temporal's own
client configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE`, …).
"""

_WORDS = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}


def settings() -> Iterator[str]:
    """The lines of the page below its title."""
    yield from (_HEADING,)
    for name, field in Settings.model_fields.items():
        models = [part for part in _parts(field.annotation) if _is_model(part)]
        header = f"{name}.NAME" if get_origin(field.annotation) is dict else name
        needed = "required" if field.is_required() else "optional"
        for model in models:
            yield from _section(header, model, needed if "." not in header else "one for each")


def _section(header: str, model: type[BaseModel], needed: str) -> Iterator[str]:
    kind = model.model_fields.get("type")
    title = f"`[{header}]`" + (f" of type `{_literal(kind)}`" if kind else f", {needed}")
    yield from (f"## {title}", "", inspect.cleandoc(model.__doc__ or ""), "")
    yield from ("| key | type | default |", "| --- | --- | --- |")
    yield from (_row(key, field) for key, field in model.model_fields.items())
    yield ""


def _row(key: str, field: FieldInfo) -> str:
    if field.is_required():
        default = "required"
    elif field.default in (None, {}, ()):
        default = "none"
    else:
        default = f"`{str(field.default).lower()}`" if field.default != "" else '`""`'
    return f"| `{key}` | {_type(field.annotation)} | {default} |"


def _type(annotation: Any) -> str:
    if get_origin(annotation) is dict:
        return f"table of {_type(get_args(annotation)[1])} by name"
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    kinds = [part for part in _parts(annotation) if part is not NoneType]
    if kinds == [annotation]:
        return "path" if annotation is Path else _WORDS[annotation]
    return " or ".join(_type(kind) for kind in kinds)


def _parts(annotation: Any) -> tuple[Any, ...]:
    """What a type is made of: the members of a union, the values of a table, or itself."""
    if get_origin(annotation) is dict:
        return _parts(get_args(annotation)[1])
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return get_args(annotation)
    return (annotation,)


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _literal(field: FieldInfo) -> str:
    return str(get_args(field.annotation)[0])
