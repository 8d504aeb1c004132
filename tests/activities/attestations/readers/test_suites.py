"""Test results as JUnit's many writers give them, and as in-toto does."""

from datetime import UTC, datetime

import pytest

from activities.attestations.readers.suites import read_junit, read_test_result
from activities.attestations.readers.unreadable import Unreadable, markup
from tests.attesting import JUNIT, results


def junit(text):
    return read_junit(markup(text if isinstance(text, bytes) else text.encode())).figures


def test_skipped_tests_did_not_pass():
    read = read_junit(markup(JUNIT))

    assert (read.figures.passed, read.figures.skipped, read.figures.failed) == (2, 1, 0)
    assert (read.figures.result, read.figures.suite) == ("PASSED", "unit")
    assert read.produced_at == datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inside", "counted"),
    [
        ("<failure/>", (0, 1, 0, 0, "FAILED")),
        ("<error/>", (0, 1, 0, 0, "FAILED")),
        ("<skipped/><failure/>", (0, 1, 0, 0, "FAILED")),
        ("<skipped/>", (0, 0, 1, 0, "PASSED")),
        ("<flakyFailure/>", (1, 0, 0, 1, "WARNED")),
        ("<rerunFailure/><failure/>", (0, 1, 0, 0, "FAILED")),
        ("<system-out/>", (1, 0, 0, 0, "PASSED")),
    ],
)
def test_a_case_counts_once_by_its_worst_word(inside, counted):
    found = junit(f"<testsuite><testcase name='a'>{inside}</testcase></testsuite>")

    assert (found.passed, found.failed, found.skipped, found.warned, found.result) == counted


@pytest.mark.parametrize("case", ['status="notrun"', 'result="suppressed"', 'status="SKIPPED"'])
def test_a_case_that_was_not_run_did_not_pass(case):
    found = junit(f"<testsuite><testcase {case}/></testsuite>")

    assert (found.passed, found.skipped) == (0, 1)


def test_names_may_be_qualified_and_suites_nested():
    found = junit(
        '<x:testsuites xmlns:x="urn:junit"><x:testsuite name="out"><x:testsuite>'
        "<x:testcase/></x:testsuite><x:testcase/></x:testsuite></x:testsuites>"
    )

    assert found.passed == 2


@pytest.mark.parametrize(
    "claim", ['tests="3"', 'failures="1"', 'errors="1"', 'tests="x"', 'tests="-1"']
)
def test_a_suite_that_claims_what_its_cases_do_not_show_is_refused(claim):
    with pytest.raises(Unreadable, match=r"the file is not whole|is no count"):
        junit(f"<testsuite {claim}><testcase/><testcase/></testsuite>")


def test_what_in_toto_lists_is_counted():
    figures = read_test_result(results(warnedTests=["c"], failedTests=["d"])).figures

    assert (figures.passed, figures.warned, figures.failed) == (3, 1, 1)
    assert (figures.result, figures.suite) == ("PASSED", "contract")


def test_a_result_without_a_list_shows_no_test_that_passed():
    assert read_test_result({"result": "PASSED", "configuration": []}).figures.passed == 0


@pytest.mark.parametrize("change", [{"result": "passed"}, {"configuration": None}])
def test_another_predicate_is_refused(change):
    with pytest.raises(Unreadable, match="test-result: "):
        read_test_result({**results(), **change})


def test_what_is_nested_without_end_is_counted_all_the_same():
    """Each element is looked at once: the file's size is all that its reading costs."""
    deep = 20_000

    found = junit("<testsuite>" * deep + "<testcase/>" + "</testsuite>" * deep)

    assert found.passed == 1
