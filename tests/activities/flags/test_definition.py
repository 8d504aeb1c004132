"""Flagd's definitions: one flag is changed, everything else stays what it was."""

import json

import pytest

from activities.flags.definition import document_of, state_of, text_of, with_state
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState

RULE = {"if": [{"in": [{"var": "cohort"}, ["staff"]]}, "on", "off"]}
FLAG = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "targeting": RULE,
    "metadata": {"owner": "ledger"},
}
OTHER = {"variants": {"b": {"deep": [1, 2.5]}, "a": "ä"}, "state": "DISABLED"}
DOCUMENT = {
    "$schema": "any",
    "flags": {"zeta": OTHER, "new-posting": FLAG, "alpha": OTHER},
    "$evaluators": {"shared": {"var": "x"}},
    "metadata": {"team": "shop"},
}


def read(document=DOCUMENT, key="new-posting") -> FlagState:
    return state_of(document, key, "flags.json")


def moved(**more) -> FlagState:
    changed = {"variant": "on", "targeting": None, "set_by": "ours", **more}
    return read().model_copy(update=changed)


def test_a_flag_is_read_with_its_rule_and_without_a_signature():
    state = read()

    assert (state.enabled, state.variant, state.targeting, state.set_by) == (
        True,
        "off",
        RULE,
        None,
    )


def test_a_flag_reads_as_it_was_written_and_signed():
    changed = with_state(DOCUMENT, moved(), "flags.json")

    assert read(changed).is_as(moved())


def test_everything_else_stays_as_it_was_in_its_order():
    changed = with_state(DOCUMENT, moved(), "flags.json")

    assert list(changed) == list(DOCUMENT)
    assert list(changed["flags"]) == ["zeta", "new-posting", "alpha"]
    assert changed["flags"]["new-posting"].pop("metadata")["owner"] == "ledger"
    assert changed["flags"]["new-posting"] == {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "on",
    }
    assert {**changed, "flags": {**changed["flags"], "new-posting": FLAG}} == DOCUMENT
    assert document_of(text_of(changed).encode(), "flags.json") == changed


def test_taken_back_it_is_the_document_that_it_was():
    changed = with_state(DOCUMENT, moved(), "flags.json")

    assert with_state(changed, read(), "flags.json") == DOCUMENT


@pytest.mark.parametrize(
    "edit",
    [
        {"defaultVariant": "off"},
        {"state": "DISABLED"},
        {"targeting": RULE},
        {"variants": {"on": False, "off": True}},
    ],
    ids=str,
)
def test_a_signature_does_not_count_for_what_somebody_made_of_the_flag(edit):
    """Whoever edits the file leaves the metadata as it is."""
    changed = with_state(DOCUMENT, moved(), "flags.json")
    assert read(changed).set_by == "ours"

    changed["flags"]["new-posting"].update(edit)

    assert read(changed).set_by is None


def test_a_change_of_another_flag_leaves_the_signature_in_place():
    changed = with_state(DOCUMENT, moved(), "flags.json")
    changed["flags"]["alpha"] = {**OTHER, "state": "ENABLED"}

    assert read(changed).is_as(moved())
    assert read(changed).version != moved().version


def test_an_unknown_flag_is_told_with_those_there_are():
    with pytest.raises(TargetMissing, match=r"no flag 'posting'; it holds zeta, new-posting, al"):
        read(key="posting")


@pytest.mark.parametrize(
    "wanted",
    [
        {"variant": "blue"},
        {"targeting": {"if": [True, "blue", "off"]}},
        {"targeting": {"if": [True, "on", "blue"]}},
    ],
    ids=str,
)
def test_a_variant_that_the_flag_does_not_have_is_missing(wanted):
    with pytest.raises(TargetMissing, match="has no variant blue; it has on, off"):
        with_state(DOCUMENT, moved(**wanted), "flags.json")


@pytest.mark.parametrize(
    ("raw", "error", "told"),
    [
        (b'{"flags": {', Unavailable, "not JSON at the moment"),
        (b'{"flags": {"a": 1, "a": 2}}', Unavailable, "a is written twice"),
        (b'{"flags": {"a": NaN}}', Unavailable, "not JSON at the moment"),
        (b'{"flags": {"a": 1e999}}', Unavailable, "not JSON at the moment"),
        (b'{"flags": {"a": "\\ud800"}}', Unavailable, "surrogates not allowed"),
        (b"\xff", Unavailable, "not JSON at the moment"),
        (b"[]", Refused, "`flags`, an object, is missing"),
        (b'{"flags": []}', Refused, "`flags`, an object, is missing"),
    ],
)
def test_what_are_no_definitions_is_told(raw, error, told):
    with pytest.raises(error, match=told):
        document_of(raw, "flags.json")


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        (1, "state is None"),
        ({**FLAG, "state": "on"}, "state is 'on', expected ENABLED or DISABLED"),
        ({**FLAG, "variants": ["on"]}, "`variants`, an object"),
        ({**FLAG, "defaultVariant": 1}, "defaultVariant is not"),
        ({**FLAG, "targeting": "always"}, "targeting and metadata must be objects"),
        ({**FLAG, "metadata": []}, "targeting and metadata must be objects"),
        ({**FLAG, "targeting": {"in": ["x" * 40_000]}}, "its rule is longer than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_flag_is_told(flag, told):
    with pytest.raises(Refused, match=told):
        read({"flags": {"new-posting": flag}})


def test_a_variant_may_be_called_true():
    flag = {**FLAG, "defaultVariant": True, "targeting": {}}

    state = read({"flags": {"new-posting": flag}})

    assert (state.variant, state.targeting) == ("true", None)


def test_a_flag_without_a_default_is_left_without_one():
    document = json.loads(json.dumps(DOCUMENT))
    del document["flags"]["new-posting"]["defaultVariant"]
    before = read(document)

    changed = with_state(document, moved(), "flags.json")

    assert before.variant is None
    assert with_state(changed, before, "flags.json") == document
