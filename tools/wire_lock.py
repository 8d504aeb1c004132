"""Write down every message that crosses a process border, so that a change of one is a diff."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from temporalio import workflow

import workflows
import workflows.ports
from workflows.ports.base import Port, queue_of

LOCK = Path(__file__).parents[1] / "tests/workflows/ports/wire.lock.json"
Json = dict[str, Any]

_MODE: JsonSchemaMode = "validation"  # what a reader accepts: a field with a default may be absent
_WORDS = {"title", "description", "examples", "default"}  # for people; they bind nobody


def current() -> Json:
    """Activities, stories and the types of their messages, as they are now."""
    for package in (workflows, workflows.ports):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    spoken = {
        "activities": {name: _activity(name) for name in sorted(Port.methods)},
        "stories": dict(sorted(_story(definition) for definition in _definitions())),
    }
    adapters = {kind: TypeAdapter(kind) for kind in _kinds(spoken)}
    refs, schemas = TypeAdapter.json_schemas([(k, _MODE, a) for k, a in adapters.items()])
    named = {kind: _bare(refs[kind, _MODE]) for kind in adapters}
    spoken = _named(spoken, named)
    return {**spoken, "types": {n: _type(s) for n, s in sorted(schemas["$defs"].items())}}


def changes(locked: Json, now: Json) -> tuple[list[str], list[str]]:
    """What differs: breaking changes, then additions that every reader of old messages bears."""
    breaking: list[str] = []
    added: list[str] = []
    before, after = _lines(locked), _lines(now)
    for path in [*before, *(path for path in after if path not in before)]:
        old, new = before.get(path), after.get(path)
        where = ".".join(path)
        if new is None:
            breaking.append(f"{where} was removed")
        elif old is None:
            grown = path[1] in locked[path[0]] and new.get("required")
            (breaking if grown else added).append(
                f"{where} was added{' without a default' if grown else ''}"
            )
        elif old != new:
            bearable = _only_wider(old, new)
            (added if bearable else breaking).append(f"{where} was {_line(old)}, is {_line(new)}")
    return breaking, added


def text(spoken: Json) -> str:
    """One line for each field, so that a reviewer sees which one changed."""
    return f"{_pretty(spoken, depth=3)}\n"


def _activity(name: str) -> Json:
    hints = get_type_hints(Port.methods[name])
    answer = hints.pop("return")
    (ask,) = hints.values()
    return {"ask": ask, "answer": answer, "queue": {"is": str(queue_of(Port.methods[name]))}}


def _definitions() -> Iterator[workflow._Definition]:
    for module in pkgutil.iter_modules(workflows.__path__, "workflows."):
        for thing in vars(importlib.import_module(module.name)).values():
            definition = isinstance(thing, type) and workflow._Definition.from_class(thing)  # noqa: SLF001 - the SDK has no public way to ask
            if definition and thing.__module__ == module.name:
                yield definition


def _story(definition: workflow._Definition) -> tuple[str, Json]:
    handlers = chain(
        ((f"signal {n}", s.arg_types, None) for n, s in definition.signals.items()),
        ((f"query {n}", q.arg_types, q.ret_type) for n, q in definition.queries.items()),
        ((f"update {n}", u.arg_types, u.ret_type) for n, u in definition.updates.items()),
    )
    spoken = {"run": _message(definition.arg_types, definition.ret_type)}
    spoken |= {name: _message(takes, gives) for name, takes, gives in handlers}
    return str(definition.name), dict(sorted(spoken.items()))


def _message(takes: list[type] | None, gives: type | None) -> Json:
    asked = {"takes": takes[0]} if takes else {}
    return asked if gives is None else {**asked, "gives": gives}


def _kinds(spoken: Any) -> set[Any]:
    """Every type among the leaves of *spoken*."""
    if isinstance(spoken, dict):
        return set[Any]().union(*map(_kinds, spoken.values()))
    return set() if isinstance(spoken, str) else {spoken}


def _named(spoken: Any, names: dict[Any, Any]) -> Any:
    """*spoken* with each type replaced by what the lock calls it."""
    if isinstance(spoken, dict):
        return {key: _named(value, names) for key, value in spoken.items()}
    return spoken if isinstance(spoken, str) else names[spoken]


def _type(schema: Json) -> Json:
    """A model by its fields, anything else by its schema."""
    if "properties" not in schema:
        return {"is": _bare(schema)}
    required = set(schema.get("required", ()))
    return {
        name: _bare(field) | ({"required": True} if name in required else {})
        for name, field in sorted(schema["properties"].items())
    }


def _bare(schema: Any) -> Any:
    """*schema* without the words that are for people, and with short references."""
    if isinstance(schema, dict):
        bare = {key: _bare(value) for key, value in schema.items() if key not in _WORDS}
        return bare if "$ref" not in bare else {"type": bare["$ref"].removeprefix("#/$defs/")}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema


def _lines(spoken: Json) -> dict[tuple[str, str, str], Json]:
    """Every line of the lock, under the names above it."""
    return {
        (part, name, field): line
        for part, named in spoken.items()
        for name, fields in named.items()
        for field, line in fields.items()
    }


def _only_wider(old: Json, new: Json) -> bool:
    """Whether a field only got a default, or an enumeration only more words."""
    if "enum" in old and "enum" in new:
        return set(old["enum"]) <= set(new["enum"])
    return old == {**new, "required": True}


def _pretty(value: Any, *, depth: int, indent: int = 0) -> str:
    if depth == 0 or not isinstance(value, dict) or not value:
        return _line(value)
    inner = " " * (indent + 1)
    lines = (
        f"{inner}{json.dumps(key)}: {_pretty(item, depth=depth - 1, indent=indent + 1)}"
        for key, item in value.items()
    )
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    LOCK.write_text(text(current()), encoding="utf-8")
