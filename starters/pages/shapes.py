"""JSON Schemas of what people write, with the meaning of each field, and the way about in them."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias, TypeGuard, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

from starters.files.problems import FieldPath
from workflows.domain import spec
from workflows.domain.durations import write_duration

Schema: TypeAlias = dict[str, Any]


class _AsWritten(GenerateJsonSchema):
    """Defaults in the words of a file: `30m`, not `PT30M`."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return write_duration(dft)
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", by_alias=True)
        return super().encode_default(dft)


@cache
def shape(kind: str) -> Schema:
    """The JSON Schema of documents of *kind*; do not change it.

    Raises:
        KeyError: there is no such kind.
    """
    model = spec.KINDS[kind]
    schema = model.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    meanings = _all_meanings()
    _tidy(schema, meanings[model.__name__])
    for name, part in schema["$defs"].items():
        _tidy(part, meanings.get(name, {}))
    return schema


def part_at(kind: str, path: FieldPath) -> Schema:
    """The schema of the field at *path* in documents of *kind*; empty where there is none."""
    root = shape(kind)
    part = root
    for step in path:
        part = resolve(root, part)
        if isinstance(step, int):
            first = part.get("prefixItems", [{}])
            part = part.get("items") or first[min(step, len(first) - 1)]
        else:
            part = part.get("properties", {}).get(step) or each_of(part)
    return resolve(root, part)


def each_of(part: Schema) -> Schema:
    """What every value of a mapping with free names is; empty for any other part."""
    named = next(iter(part.get("patternProperties", {}).values()), None)
    each = part.get("additionalProperties") if named is None else named
    return each if isinstance(each, dict) else {}


def resolve(root: Schema, part: Mapping[str, Any]) -> Schema:
    """*part* with its reference followed, and without the `null` that an optional field may be.

    Where one item may stand for a list of it, the part is that item and has its `items` too.
    """
    options = [option for option in part.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        part = {**{k: v for k, v in part.items() if k != "anyOf"}, **options[0]}
    elif len(options) == _ITEM_AND_LIST and options[1].get("items") == options[0]:
        part = {
            **{k: v for k, v in part.items() if k != "anyOf"},
            **options[0],
            "items": options[0],
        }
    if (reference := part.get("$ref")) is None:
        return dict(part)
    target = root["$defs"][reference.removeprefix("#/$defs/")]
    return {**target, **{key: value for key, value in part.items() if key != "$ref"}}


_ITEM_AND_LIST = 2


def _tidy(part: Schema, meanings: Mapping[str, str]) -> None:
    """Take out titles, which only repeat the names, and put the meanings in."""
    part.pop("title", None)
    if "description" in part:
        part["description"] = part["description"].replace("\n\n", "\0").replace("\n", " ")
        part["description"] = part["description"].replace("\0", "\n\n")
    for name, field in part.get("properties", {}).items():
        field.pop("title", None)
        if name in meanings:
            field["description"] = meanings[name]


@cache
def _all_meanings() -> dict[str, dict[str, str]]:
    """What stands below the fields of every class that a document may be made of."""
    return {model.__name__: _meanings_of(model) for model in _parts(*spec.KINDS.values())}


def _meanings_of(model: type[BaseModel]) -> dict[str, str]:
    """What a class inherits means the same in it."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if _is_part(base) and (module := inspect.getmodule(base)) is not None:
            found |= _meanings(module).get(base.__name__, {})
    return found


def _parts(*models: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The models and all that their fields, and those of their parents, are made of."""
    seen: set[type[BaseModel]] = set()
    ahead = list(models)
    while ahead:
        model = ahead.pop()
        if model in seen:
            continue
        seen.add(model)
        yield model
        ahead += [base for base in model.__mro__[1:] if _is_part(base)]
        for field in model.model_fields.values():
            ahead += [kind for kind in _inside(field.annotation) if _is_part(kind)]


def _is_part(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not BaseModel


def _inside(annotation: object) -> Iterator[object]:
    yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


@cache
def _meanings(module: ModuleType) -> dict[str, dict[str, str]]:
    """The text below each field of each class of *module*, by the names used in files.

    Read from the source, since Python itself keeps no docstrings of attributes.
    """
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = _below_fields(node)
    return found


def _below_fields(node: ast.ClassDef) -> dict[str, str]:
    meanings = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            meanings[_alias(field) or to_camel(field.target.id)] = inspect.cleandoc(
                below.value.value
            )
    return meanings


def _alias(field: ast.AnnAssign) -> str | None:
    """The name that a field is given in files, where it is not its own."""
    keywords = field.value.keywords if isinstance(field.value, ast.Call) else []
    named = (k.value for k in keywords if k.arg == "alias")
    return next((str(v.value) for v in named if isinstance(v, ast.Constant)), None)
