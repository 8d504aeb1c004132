"""Messages of releases under way are in histories already: they grow, and never change."""

import copy
import json

import pytest

from tools.wire_lock import LOCK, changes, current, text

REMEDY = "make wire-lock, and commit the diff:"


def test_the_messages_are_those_of_the_lock():
    breaking, added = changes(json.loads(LOCK.read_text("utf-8")), current())

    assert not breaking, "breaking: needs an ADR, then make wire-lock:\n" + "\n".join(breaking)
    assert not added, f"compatible: {REMEDY}\n" + "\n".join(added)
    assert LOCK.read_text("utf-8") == text(current()), REMEDY


@pytest.fixture
def locked():
    return json.loads(LOCK.read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda vote: vote.pop("note"), "types.Vote.note was removed"),
        (lambda vote: vote.update(note={"type": "integer"}), "types.Vote.note was"),
        (
            lambda vote: vote.update(at={"type": "string", "required": True}),
            "types.Vote.at was added without a default",
        ),
        (
            lambda vote: vote["note"].update(required=True),
            'types.Vote.note was {"type": "string"}, is {"required": true, "type": "string"}',
        ),
    ],
)
def test_what_an_old_message_would_not_survive_is_breaking(locked, change, what):
    now = copy.deepcopy(locked)
    change(now["types"]["Vote"])

    (breaking,), added = changes(locked, now)

    assert breaking.startswith(what)
    assert added == []


@pytest.mark.parametrize(
    "change",
    [
        lambda types: types["Vote"].update(at={"type": "string"}),
        lambda types: types["Vote"]["digest"].pop("required"),
        lambda types: types["Word"]["is"]["enum"].append("unsure"),
        lambda types: types.update(Ballot={"paper": {"type": "string", "required": True}}),
    ],
)
def test_what_an_old_message_survives_is_an_addition(locked, change):
    now = copy.deepcopy(locked)
    change(now["types"])

    breaking, added = changes(locked, now)

    assert breaking == []
    assert len(added) == 1


def test_a_renamed_activity_is_breaking(locked):
    now = copy.deepcopy(locked)
    now["activities"]["move_traffic"] = now["activities"].pop("shift_traffic")

    breaking, added = changes(locked, now)

    assert "activities.shift_traffic.ask was removed" in breaking
    assert "activities.move_traffic.ask was added" in added
