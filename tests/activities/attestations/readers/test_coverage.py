"""Coverage counted line by line: what the file claims of itself is not believed."""

import pytest

from activities.attestations.readers.coverage import read_cobertura, read_lcov
from activities.attestations.readers.unreadable import Unreadable, markup
from tests.attesting import COBERTURA, LCOV


def counts(reading):
    figures = reading.figures
    return (
        figures.lines_covered,
        figures.lines,
        figures.branches_covered,
        figures.branches,
    )


def test_cobertura_is_counted_whatever_its_top_says():
    read = read_cobertura(markup(COBERTURA))

    assert counts(read) == (3, 4, 1, 2)
    assert read.produced_at.year == 2026


def test_a_line_that_is_listed_twice_counts_once():
    twice = COBERTURA.replace(
        b"<methods/>",
        b'<methods><method><lines><line number="1" hits="0"/></lines></method></methods>',
    )

    assert counts(read_cobertura(markup(twice))) == (3, 4, 1, 2)


def test_a_line_belongs_to_the_class_that_it_is_in():
    nested = (
        b"<coverage><class filename='a'><line number='1' hits='1'/>"
        b"<class filename='b'><line number='1' hits='0'/></class></class>"
        b"<line number='9' hits='1'/></coverage>"
    )

    assert counts(read_cobertura(markup(nested))) == (1, 2, None, None)


def test_lcov_is_counted_whatever_its_sums_say():
    assert counts(read_lcov(LCOV)) == (1, 2, 1, 2)


def test_without_branches_none_are_counted():
    assert counts(read_lcov(b"SF:a\nDA:1,1,abc\nend_of_record\n")) == (1, 1, None, None)


@pytest.mark.parametrize(
    "content",
    [
        b"SF:a\nDA:1,1\n",
        b"DA:1,1\nSF:a\nend_of_record",
        b"SF:a\nDA:1\nend_of_record",
        b"SF:a\nDA:x,1\nend_of_record",
        b"SF:a\nDA:1,-3\nend_of_record",
        b"SF:a\nBRDA:1,0,0\nend_of_record",
        b"SF:a\nend_of_record",
        b"SF:\xff\nend_of_record",
    ],
)
def test_what_is_no_whole_trace_file_is_refused(content):
    with pytest.raises(Unreadable, match="LCOV: "):
        read_lcov(content)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b'<line number="1"/>',
        b'<line number="1" hits="many"/>',
        b'<line number="1" hits="1" condition-coverage="150% (3/2)"/>',
    ],
)
def test_what_is_no_report_of_lines_is_refused(line):
    report = b"<coverage><class filename='a'><lines>" + line + b"</lines></class></coverage>"

    with pytest.raises(Unreadable, match="Cobertura: "):
        read_cobertura(markup(report))
