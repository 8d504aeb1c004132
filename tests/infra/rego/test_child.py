"""One question in, one answer out; what is wrong with the rules is an answer."""

import json

from infra.rego.child import answer


def test_rules_that_cannot_be_parsed_are_answered_with_their_places():
    found = json.loads(answer({"mode": "check", "files": {"a.rego": "package a\n\nx {"}}))

    assert [(p["file"], p["line"]) for p in found["problems"]] == [("a.rego", 3)]


def test_an_answer_beyond_measure_is_no_answer():
    long = (
        'package lockgate\ndeny contains concat("", [x | some i in numbers.range(1, 90000); x := "'
        + ("a" * 50)
        + '"])'
    )

    found = json.loads(
        answer({"mode": "evaluate", "files": {"a.rego": long}, "package": "lockgate", "input": {}})
    )

    assert "more than 4096 KiB" in found["problems"][0]["message"]
