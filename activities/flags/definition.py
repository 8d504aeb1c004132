"""Flagd's flag definitions: one flag of a document read, and changed with all others kept."""

import copy
import json
from typing import Any

from workflows.domain.canonical import content_digest
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState
from workflows.domain.values import digest_of

Json = dict[str, Any]

_RELEASE, _DEFINITION = "lockgate.release", "lockgate.definition"
_STATES = {"ENABLED": True, "DISABLED": False}
_LONGEST_RULE = 32_000
"""A rule travels in the release's history, where a payload should stay small."""


def document_of(raw: bytes, place: str) -> Json:
    """The definitions in *raw*, keys in the order in which they were written.

    Raises:
        Unavailable: it is no JSON, perhaps because somebody is just writing it.
        Refused: it is JSON, but not flagd's.
    """
    try:
        document = json.loads(raw, object_pairs_hook=_once_each)
        text_of(document).encode()  # what could not be written again is not taken
    except ValueError as error:
        raise Unavailable(f"{place}: not JSON at the moment: {error}; correct it") from error
    if not isinstance(document, dict) or not isinstance(document.get("flags"), dict):
        raise Refused(f"{place}: no flag definitions of flagd: `flags`, an object, is missing")
    return document


def text_of(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def state_of(document: Json, key: str, place: str) -> FlagState:
    """The flag *key* of *document*.

    Raises:
        TargetMissing: there is no such flag; the message lists those there are.
        Refused: what is there is no flag of flagd's, or its rule is too long to be carried.
    """
    flag = document["flags"].get(key)
    if flag is None:
        listed = ", ".join(document["flags"]) or "none at all"
        raise TargetMissing(f"{place}: no flag {key!r}; it holds {listed}")
    _expect(flag, f"{place}: flag {key!r}")
    state = FlagState(
        key=key,
        enabled=_STATES[flag["state"]],
        variant=_variant(flag.get("defaultVariant")),
        targeting=flag.get("targeting") or None,
        variants=content_digest(flag["variants"]),
        version=digest_of(json.dumps(document)),
    )
    signed = flag.get("metadata") or {}
    # Whoever edits the definition by hand leaves the signature standing; it tells by its digest.
    if signed.get(_DEFINITION) != state.definition:
        return state
    return state.model_copy(update={"set_by": signed.get(_RELEASE)})


def with_state(document: Json, wanted: FlagState, place: str) -> Json:
    """*document* with one flag as *wanted*, signed; every other flag and key as it was.

    Raises:
        TargetMissing: no such flag, or it has no variant of a name that *wanted* gives out.
    """
    changed = copy.deepcopy(document)
    held = state_of(changed, wanted.key, place)
    flag = changed["flags"][wanted.key]
    if wanted.set_by is not None:  # what people had made of it is put back as it was
        _expect_variants(flag, wanted, f"{place}: flag {wanted.key!r}")
    flag["state"] = "ENABLED" if wanted.enabled else "DISABLED"
    _put(flag, "defaultVariant", wanted.variant)
    _put(flag, "targeting", wanted.targeting)
    signed = dict(flag.get("metadata") or {})
    signed_for = wanted.model_copy(update={"variants": held.variants}).definition
    _put(signed, _RELEASE, wanted.set_by)
    _put(signed, _DEFINITION, signed_for if wanted.set_by else None)
    _put(flag, "metadata", signed or None)
    return changed


def _put(held: Json, key: str, value: Any) -> None:
    """Absent is how flagd writes nothing."""
    if value is None:
        held.pop(key, None)
    else:
        held[key] = value


def _variant(written: Any) -> str | None:
    """Flagd takes the words true and false for names, too."""
    if isinstance(written, bool):
        return str(written).lower()
    return written or None


def _expect(flag: Any, what: str) -> None:
    fields = flag if isinstance(flag, dict) else {}
    if fields.get("state") not in _STATES:
        raise Refused(f"{what}: state is {fields.get('state')!r}, expected ENABLED or DISABLED")
    if not isinstance(fields.get("variants"), dict):
        raise Refused(f"{what}: `variants`, an object, is missing")
    if not isinstance(fields.get("defaultVariant"), str | bool | None):
        raise Refused(f"{what}: defaultVariant is not the name of a variant")
    rule, signed = fields.get("targeting"), fields.get("metadata")
    if not isinstance(rule, dict | None) or not isinstance(signed, dict | None):
        raise Refused(f"{what}: targeting and metadata must be objects")
    if len(json.dumps(rule)) > _LONGEST_RULE:
        raise Refused(
            f"{what}: its rule is longer than {_LONGEST_RULE} characters, so no release could "
            "put it back; move parts of it to $evaluators"
        )


def _expect_variants(flag: Json, wanted: FlagState, what: str) -> None:
    given = {wanted.variant} if wanted.variant else set()
    match wanted.targeting:
        case {"if": [_, str(then), str(otherwise)]}:
            given |= {then, otherwise}
    if missing := sorted(given - set(flag["variants"])):
        listed = ", ".join(flag["variants"]) or "none at all"
        raise TargetMissing(f"{what} has no variant {', '.join(missing)}; it has {listed}")


def _once_each(pairs: list[tuple[str, Any]]) -> Json:
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)} is written twice in one object")
    return dict(pairs)
