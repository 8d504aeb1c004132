import pytest

from examples.shop.report import ending, table

STATUS = {
    "name": "shop-v3",
    "phase": "RolledBack",
    "reason": "checkout@production: error-rate +3.1 %",
    "exposure": {"requests": 312, "failed": 9},
    "startedAt": "2026-11-23T10:00:00Z",
    "endedAt": "2026-11-23T10:01:00.400000Z",
}


def entry(action, at, sentence="", promotion="checkout@production"):
    return {
        "key": f"{promotion}-run#3",
        "at": f"2026-11-23T10:00:{at}Z",
        "action": action,
        "sentence": sentence,
    }


RECORD = [
    entry("shift_traffic", "05", "shift payments to 25% canary", promotion="payments@production"),
    entry("watch_canary", "15", promotion="payments@production"),
    entry("shift_traffic", "20", "send x-canary: 1 of checkout@production to canary abc"),
    entry("shift_traffic", "21", "shift checkout@production to 25% canary abc"),
    entry("watch_canary", "41"),
    entry("shift_traffic", "41", "shift checkout@production to 50% canary abc"),
    entry("watch_canary", "47"),
    entry("withdraw_canary", "48"),
]


def test_it_was_detected_from_the_first_user_on_the_version_that_failed():
    assert ending("errors", STATUS, RECORD).detected_after == pytest.approx(26)


def test_nothing_was_detected_of_a_release_that_ended_otherwise():
    assert ending("good", STATUS | {"phase": "Healthy"}, RECORD).detected_after is None


def test_nothing_was_detected_where_nothing_was_watched():
    assert ending("down", STATUS, RECORD[:1]).detected_after is None


def test_what_it_was_held_for_tells_more_than_who_aborted_it():
    told = ending(
        "idle", STATUS | {"phase": "Cancelled", "reason": "by ana"}, [], held="noData: 0"
    )

    assert told.why == "held: noData: 0"


def test_the_table_has_who_was_touched_and_what_decided():
    head, row, why = table([ending("errors +3 %", STATUS, RECORD)]).splitlines()

    assert head.split()[:2] == ["release", "shows"]
    assert row.split() == [
        *("shop-v3", "errors", "+3", "%", "RolledBack", "60", "s", "26", "s", "312", "9")
    ]
    assert why.strip() == STATUS["reason"]
