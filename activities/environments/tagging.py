"""Tags as AWS takes them, and which of them are ours."""

import unicodedata
from collections.abc import Iterable, Mapping

_OURS = "lockgate:"
_OF_AWS = "aws:"
_LONGEST = 256
_SIGNS = frozenset("_.:/=+-@")


def written(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As a call of AWS is given them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def read(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """As an answer of AWS lists them, without those that only AWS itself can give."""
    tags = {each["Key"]: each["Value"] for each in listed}
    return {key: value for key, value in tags.items() if not key.startswith(_OF_AWS)}


def taggable(tags: Mapping[str, str]) -> dict[str, str]:
    """*tags* with values that every service of AWS takes.

    A purpose or a reason is free text; what AWS does not take in it becomes a blank, and the rest
    is cut.
    """
    return {key: _taken(value) for key, value in tags.items()}


def beside_ours(tags: Mapping[str, str]) -> dict[str, str]:
    """Those that somebody else has put there."""
    return {key: value for key, value in tags.items() if not key.startswith(_OURS)}


def _taken(value: str) -> str:
    kept = "".join(sign if _is_taken(sign) else " " for sign in value)
    return kept[:_LONGEST].strip() or "-"


def _is_taken(sign: str) -> bool:
    return sign in _SIGNS or unicodedata.category(sign)[0] in {"L", "N", "Z"}
