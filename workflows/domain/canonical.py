"""One spelling of a JSON value, so that every side computes the same content address of it."""

import json
from collections import Counter

from pydantic import JsonValue

from workflows.domain.values import Digest, digest_of


def canonical(value: JsonValue) -> str:
    """*value* as JSON text: keys sorted, no spaces, characters as they are.

    Raises:
        ValueError: a number is infinite or not a number, which JSON cannot say.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def read_json(content: str | bytes) -> JsonValue:
    """The one value that *content* means; stricter than Python, which takes what others refuse.

    Raises:
        ValueError: not JSON in UTF-8, a key given twice, a number that JSON cannot say, or a
            nesting deeper than can be read.
    """
    try:
        found: JsonValue = json.loads(
            content.decode() if isinstance(content, bytes) else content,
            object_pairs_hook=_once_each,
            parse_constant=_no_number,
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return found


def _once_each(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = sorted(key for key, times in counts.items() if times > 1)
        raise ValueError(f"given twice: {', '.join(twice[:5])}")
    return found


def _no_number(word: str) -> JsonValue:
    raise ValueError(f"{word} is no number in JSON")


def content_digest(value: JsonValue) -> Digest:
    """The content address of *value*, whatever the order its keys were written in."""
    return digest_of(canonical(value))
