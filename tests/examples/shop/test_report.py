import pytest

from examples.shop.report import ending, table

STATUS = {
    "name": "shop-v2",
    "phase": "Healthy",
    "reason": "every stage was healthy",
    "exposure": {"requests": 3500, "failed": 0},
    "detection": None,
    "startedAt": "2026-11-23T10:00:00Z",
    "endedAt": "2026-11-23T10:01:00.400000Z",
}
FOUND = {
    "reason": "error-rate +3.1 %",
    "secondsToDetect": 26.04,
    "secondsToGoBack": 1.26,
    "requests": 312,
    "failed": 9,
}
TURNED_BACK = STATUS | {"name": "shop-v3", "phase": "RolledBack", "detection": FOUND}


def test_what_turned_it_back_tells_who_was_touched_and_when_it_was_found():
    told = ending("errors", TURNED_BACK)

    assert (told.found_after, told.back_after) == pytest.approx((26.04, 1.26))
    assert (told.requests, told.failed, told.why) == (312, 9, "error-rate +3.1 %")


def test_nothing_was_found_of_a_good_one():
    told = ending("good", STATUS)

    assert (told.found_after, told.back_after) == (None, None)
    assert (told.requests, told.why) == (3500, "every stage was healthy")


def test_what_it_was_held_for_tells_more_than_who_aborted_it():
    aborted = TURNED_BACK | {"phase": "Cancelled", "reason": "aborted by ana"}

    told = ending("idle", aborted, held="noData: 0 windows")

    assert (told.why, told.found_after) == ("held: noData: 0 windows", None)


def test_the_table_has_a_line_each_and_what_decided_below():
    lines = table([ending("good", STATUS), ending("errors +3 %", TURNED_BACK)]).splitlines()

    assert lines[0].split()[:2] == ["release", "shows"]
    assert lines[1].split() == ["shop-v2", "good", "Healthy", "60", "s", "3500", "0"]
    assert lines[3].split()[:5] == ["shop-v3", "errors", "+3", "%", "RolledBack"]
    assert lines[3].split()[5:] == ["60", "s", "26.0", "s", "1.3", "s", "312", "9"]
    assert lines[4].strip() == "error-rate +3.1 %"
