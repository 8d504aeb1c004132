"""What differs between two values, field by field, in words that a voter reads."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, JsonValue

_KEYS = ("name", "environment", "target", "service", "role", "key", "duty")
"""What tells the items of a list apart, so that an inserted one does not shift all the others."""

_LONGEST = 80
AT_MOST = 30


def difference(
    before: BaseModel, after: BaseModel, *, leave_out: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Each field that *after* has otherwise than *before*, one a line, at most `AT_MOST` lines.

    *leave_out* names fields of the outermost value that say nothing about what is decided.
    """
    told = list(
        _between(
            before.model_dump(mode="json", exclude=set(leave_out)),
            after.model_dump(mode="json", exclude=set(leave_out)),
            (),
        )
    )
    if len(told) > AT_MOST:
        told = [*told[: AT_MOST - 1], f"and {len(told) - AT_MOST + 1} more"]
    return tuple(told)


def _between(old: JsonValue, new: JsonValue, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and _keyed(old) and _keyed(new):
        yield from _of_mappings(_by_key(old), _by_key(new), path)
    elif old != new:
        where = ".".join(path) or "all of it"
        if old is None:
            yield f"{where}: {_short(new)} is new"
        elif new is None:
            yield f"{where}: {_short(old)} is gone"
        else:
            yield f"{where}: {_short(old)} became {_short(new)}"


def _of_mappings(
    old: Mapping[str, JsonValue], new: Mapping[str, JsonValue], path: tuple[str, ...]
) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        yield from _between(old.get(name), new.get(name), (*path, name))


def _keyed(items: Sequence[JsonValue]) -> bool:
    """Whether each item has a name of its own; an empty list goes with any."""
    keys = [_key(item) for item in items]
    return None not in keys and len(set(keys)) == len(keys)


def _by_key(items: Sequence[JsonValue]) -> dict[str, JsonValue]:
    return {str(_key(item)): item for item in items}


def _key(item: JsonValue) -> str | None:
    if not isinstance(item, dict):
        return None
    for name in _KEYS:
        if isinstance(found := item.get(name), str):
            return found
        if isinstance(found, dict) and all(isinstance(v, str) for v in found.values()):
            return "@".join(str(v) for v in found.values())
    return None


def _short(value: JsonValue) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
