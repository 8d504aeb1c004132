"""SARIF: which results are new, which are suppressed, and which runs prove nothing."""

from datetime import UTC, datetime

import pytest

from activities.attestations.readers.sarif import read_sarif
from activities.attestations.readers.unreadable import Unreadable
from tests.attesting import sarif

RULES = [
    {"id": "a", "defaultConfiguration": {"level": "error"}},
    {"id": "b", "defaultConfiguration": {"level": "note"}},
]
TOOL = {"driver": {"name": "semgrep", "rules": RULES}}


def counted(*found, **run):
    figures = read_sarif(sarif(*found, **{"tool": TOOL, **run})).figures
    return {
        (each.level, each.new, each.known) for each in figures.results if each.new + each.known
    }


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        ({"level": "error"}, ("error", 1, 0)),
        ({"level": "error", "baselineState": "new"}, ("error", 1, 0)),
        ({"level": "error", "baselineState": "unchanged"}, ("error", 0, 1)),
        ({"level": "error", "baselineState": "updated"}, ("error", 0, 1)),
        ({}, ("warning", 1, 0)),
        ({"ruleId": "a"}, ("error", 1, 0)),
        ({"ruleIndex": 1}, ("note", 1, 0)),
        ({"rule": {"index": 0}}, ("error", 1, 0)),
        ({"rule": {"id": "b"}}, ("note", 1, 0)),
        ({"ruleId": "a", "level": "note"}, ("note", 1, 0)),
        ({"ruleId": "a", "kind": "pass"}, ("none", 1, 0)),
        ({"level": "error", "suppressions": []}, ("error", 1, 0)),
        ({"level": "error", "suppressions": [{"status": "rejected"}]}, ("error", 1, 0)),
        (
            {"level": "error", "suppressions": [{"kind": "inSource"}, {"status": "underReview"}]},
            ("error", 1, 0),
        ),
    ],
)
def test_a_result_counts_by_level_and_by_whether_the_baseline_had_it(result, counts):
    assert counted(result) == {counts}


@pytest.mark.parametrize("status", [{}, {"status": "accepted"}])
def test_what_is_suppressed_and_undisputed_does_not_count(status):
    read = read_sarif(sarif({"level": "error", "suppressions": [{"kind": "external", **status}]}))

    assert read.figures.suppressed == 1
    assert not any(each.new or each.known for each in read.figures.results)


def test_what_is_gone_does_not_count():
    assert counted({"level": "error", "baselineState": "absent"}) == set()


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({"results": None}, "semgrep has no list of results"),
        ({"invocations": [{"executionSuccessful": False}]}, "semgrep did not run to its end"),
        (
            {"externalPropertyFileReferences": {"results": [{"location": {}}]}},
            "results of semgrep are in other files",
        ),
    ],
)
def test_a_run_that_proves_nothing_says_so(run, why):
    assert read_sarif(sarif(**run)).figures.incomplete == why


def test_the_run_says_when_it_ended():
    assert read_sarif(sarif()).produced_at == datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2.0.0"},
        {"runs": []},
        {"runs": [{}]},
        {"runs": [{"tool": TOOL, "results": [{"level": "fatal"}]}]},
    ],
)
def test_another_document_is_refused(change):
    with pytest.raises(Unreadable, match="SARIF: "):
        read_sarif({**sarif(), **change})
