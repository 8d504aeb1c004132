"""Our own formats: benchmarks, rehearsals and sign-offs."""

import pytest

from activities.attestations.readers.reports import read_benchmark, read_rehearsal, read_sign_off
from activities.attestations.readers.unreadable import Unreadable
from tests.attesting import OTHER, PRODUCED, benchmark, rehearsal, sign_off

SEED = OTHER


def test_each_case_of_a_benchmark_is_compared_with_its_baseline():
    read = read_benchmark({**benchmark(), "baseline": OTHER}, seed=SEED)

    (case,) = read.figures.cases
    assert (case.name, case.pairs, read.figures.baseline) == ("checkout", 40, OTHER)
    assert abs(case.worsening) < 0.01
    assert read.produced_at.isoformat() == PRODUCED


def test_of_what_should_be_high_less_is_worse():
    slower = [[100.0, 50.0]] * 10

    high = read_benchmark(benchmark(slower, better="higher"), seed=SEED).figures.cases[0]
    low = read_benchmark(benchmark(slower), seed=SEED).figures.cases[0]

    assert high.worsening == pytest.approx(1)
    assert low.worsening == pytest.approx(-0.5)


@pytest.mark.parametrize(
    "document",
    [
        benchmark([[0.0, 1.0]]),
        benchmark([[1.0, -1.0]]),
        benchmark([[1.0]]),
        benchmark([[1.0, 1.0]] * 201),
        benchmark(unknown=1),
        {**benchmark(), "cases": []},
        {**benchmark(), "cases": benchmark()["cases"] * 2},
        {**benchmark(), "producedAt": "2026-11-10T09:00:00"},
    ],
)
def test_what_is_no_benchmark_in_pairs_is_refused(document):
    with pytest.raises(Unreadable, match="benchmark: "):
        read_benchmark(document, seed=SEED)


def table(name, *, rows=100, checksum="ab12"):
    expected = {"rows": 100, "checksum": "ab12"}
    return {"name": name, "expected": expected, "found": {"rows": rows, "checksum": checksum}}


def test_tables_that_are_not_as_they_should_be_are_named():
    tables = [
        table("fine"),
        table("short", rows=99),
        table("other", checksum="cd"),
        table("unknown", checksum=None),
    ]

    figures = read_rehearsal(rehearsal(tables=tables)).figures

    assert figures.tables == 4
    assert figures.rows_differ == ("short",)
    assert figures.checksums_differ == ("other",)
    assert figures.unchecked == ("unknown",)
    assert (figures.seconds, figures.succeeded, figures.rolled_back) == (600, True, True)


def test_of_many_tables_the_first_are_named_and_the_rest_counted():
    figures = read_rehearsal(rehearsal(tables=[table(str(n), rows=0) for n in range(50)])).figures

    assert figures.rows_differ == (*map(str, range(10)), "40 more")


@pytest.mark.parametrize(
    "change", [{"startedAt": "2026-11-11T00:00:00+00:00"}, {"tables": [{}]}, {"succeeded": None}]
)
def test_what_is_no_rehearsal_is_refused(change):
    with pytest.raises(Unreadable, match="migration rehearsal: "):
        read_rehearsal(rehearsal(**change))


@pytest.mark.parametrize(("decision", "approved"), [("approved", True), ("rejected", False)])
def test_a_sign_off_says_yes_or_no(decision, approved):
    read = read_sign_off(sign_off(decision, note="n" * 300))

    assert (read.figures.approved, len(read.figures.note)) == (approved, 200)


@pytest.mark.parametrize("change", [{"decision": "maybe"}, {"by": "ana"}])
def test_a_sign_off_says_nothing_else(change):
    with pytest.raises(Unreadable, match="security sign-off: "):
        read_sign_off(sign_off(**change))
