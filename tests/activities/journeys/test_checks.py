import json

import httpx
import pytest

from activities.journeys.checks import Lacking, findings, taken
from activities.journeys.visit import Answer
from workflows.domain.journeys.plan import CapturePlan, Check, RequestPlan, StepPlan

BODY = {
    "status": "accepted",
    "amount": 1780,
    "none": None,
    "paid": True,
    "lines": [{"sku": "mug", "n": 1}, {"sku": "tray", "n": 3}],
}


def answer(body=BODY, *, status=200, headers=None, raw=None, latency=12.0, note=""):
    content = json.dumps(body).encode() if raw is None else raw
    return Answer(status, httpx.Headers(headers or {}), content, latency, note)


def step(*checks):
    return StepPlan(name="look", request=RequestPlan(method="GET", path="/"), checks=checks)


def found(check, at=None, **values):
    return [(f.check, f.expected, f.found) for f in findings(step(check), at or answer(), values)]


def on(path, verb, expected):
    return Check(place="json", subject=path, verb=verb, expected=expected)


@pytest.mark.parametrize(
    "check",
    [
        Check(place="status", verb="oneOf", expected=["404", "2xx"]),
        Check(place="latency", verb="maximum", expected=12),
        Check(place="body", verb="contains", expected="accepted"),
        on("$.status", "equals", "accepted"),
        on("$.status", "matches", "^acc"),
        on("$.amount", "equals", 1780.0),
        on("$.amount", "minimum", 1780),
        on("$.amount", "maximum", 1780),
        on("$.none", "oneOf", [None]),
        on("$.none", "exists", True),
        on("$.gone", "exists", False),
        on("$.paid", "equals", True),
        on("$.lines[*].n", "minimum", 1),
        on("$.lines[?@.sku=='tray'].n", "equals", 3),
        on("$.lines[0]", "equals", {"sku": "mug", "n": 1}),
    ],
    ids=str,
)
def test_what_holds_is_not_found(check):
    assert found(check) == []


@pytest.mark.parametrize(
    ("check", "expected", "there"),
    [
        (Check(place="latency", verb="maximum", expected=10), "at most 10 ms", "12.0"),
        (on("$.status", "equals", "declined"), "equals 'declined'", "'accepted'"),
        (on("$.status", "matches", "^dec"), "matches '^dec'", "'accepted'"),
        (on("$.amount", "equals", "1780"), "equals '1780'", "1780"),
        (on("$.amount", "minimum", 1781), "at least 1781", "1780"),
        (on("$.status", "minimum", 1), "at least 1", "'accepted'"),
        (on("$.paid", "maximum", 1), "at most 1", "true"),
        (on("$.paid", "equals", 1), "equals 1", "true"),
        (on("$.gone", "equals", "x"), "equals 'x'", "nothing"),
        (on("$.gone", "maximum", 5), "at most 5", "nothing"),
        (on("$.gone", "exists", True), "something", "nothing"),
        (on("$.paid", "exists", False), "nothing", "true"),
        (on("$.lines[*].n", "maximum", 2), "at most 2", "3"),
        (on("$.status", "oneOf", ["a", "b"]), 'one of ["a", "b"]', "'accepted'"),
    ],
    ids=str,
)
def test_what_does_not_hold_is_told_with_what_was_there(check, expected, there):
    assert found(check) == [(str(check), expected, there)]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"<html>", "no JSON"), (b"", "no JSON"), (b"[" * 100_000, "nested too deeply")],
)
def test_a_body_that_is_no_json_fails_its_checks(raw, reason):
    ((_, _, told),) = found(on("$.a", "exists", False), answer(raw=raw))

    assert reason in told


def test_a_body_that_is_too_large_is_neither_read_nor_passed():
    large = Answer(200, httpx.Headers(), None, 1.0)

    assert "larger than 256 KiB" in found(on("$.a", "exists", False), large)[0][2]
    assert "too large" in found(Check(place="body", verb="contains", expected="a"), large)[0][2]


def test_with_a_wrong_status_nothing_else_is_told():
    checks = (Check(place="status", verb="oneOf", expected=["200"]), on("$.x", "exists", True))

    (only,) = findings(step(*checks), answer(status=302, note="elsewhere"), {})

    assert (only.expected, only.found) == ("200", "302 (elsewhere)")


def test_headers_are_checked_by_their_name():
    at = answer(headers={"X-Shop-Version": "v2"})
    check = Check(place="header", subject="x-shop-version", verb="equals", expected="v1")

    assert found(check, at) == [("header x-shop-version", "equals 'v1'", "'v2'")]
    assert found(check) == [("header x-shop-version", "equals 'v1'", "nothing")]


def test_an_expectation_is_filled_with_earlier_values():
    assert found(on("$.amount", "equals", "{{ cents }}"), cents=1780) == []
    assert found(on("$.amount", "equals", "{{ cents }}"), cents=1) != []


def test_a_pattern_that_would_never_end_has_not_matched():
    hopeless = answer({"a": "a" * 50 + "!"})

    assert found(on("$.a", "matches", r"^(a|a)*$"), hopeless) != []


@pytest.mark.parametrize(
    ("capture", "value"),
    [
        (CapturePlan(name="a", json_path="$.amount"), 1780),
        (CapturePlan(name="a", json_path="$.lines[*].sku"), "mug"),
        (CapturePlan(name="a", header="location"), "/orders/1"),
    ],
    ids=["json", "first of several", "header"],
)
def test_a_value_is_taken_where_the_capture_says(capture, value):
    assert taken(capture, answer(headers={"location": "/orders/1"})) == value


@pytest.mark.parametrize(
    ("path", "reason"),
    [("$.gone", "nothing"), ("$.lines", "a list where a single"), ("$.long", "more than 4000")],
)
def test_what_cannot_be_taken_is_lacking(path, reason):
    with pytest.raises(Lacking, match=reason):
        taken(CapturePlan(name="a", json_path=path), answer(BODY | {"long": "x" * 4001}))


def test_a_capture_out_of_no_json_is_lacking():
    with pytest.raises(Lacking, match="no JSON"):
        taken(CapturePlan(name="a", json_path="$.a"), answer(raw=b"<html>"))
