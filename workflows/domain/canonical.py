"""One spelling of a JSON value, so that every side computes the same content address of it."""

import json

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


def content_digest(value: JsonValue) -> Digest:
    """The content address of *value*, whatever the order its keys were written in."""
    return digest_of(canonical(value))
