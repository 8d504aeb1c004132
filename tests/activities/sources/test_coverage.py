import pytest

from activities.sources.coverage import lines_of, read_report
from workflows.domain.errors import Refused

COBERTURA = b"""<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5">
  <sources><source>/build/ledger</source></sources>
  <packages><package name="ledger"><classes>
    <class name="posting" filename="ledger/posting.py">
      <methods><method name="post"><lines><line number="1" hits="9"/></lines></method></methods>
      <lines><line number="1" hits="9"/><line number="2" hits="0"/></lines>
    </class>
    <class name="posting.Inner" filename="ledger/posting.py">
      <lines><line number="2" hits="3"/><line number="7" hits="0"/></lines>
    </class>
  </classes></package></packages>
</coverage>
"""
LCOV = b"""TN:
SF:./src/cart.ts
DA:1,4
DA:2,0,hash
end_of_record
SF:src\\pay.ts
DA:9,1
end_of_record
"""


def test_cobertura_is_read_class_by_class_and_each_line_once():
    assert read_report(COBERTURA) == {"ledger/posting.py": {1: 9, 2: 3, 7: 0}}


def test_lcov_is_read_record_by_record():
    assert read_report(LCOV) == {"src/cart.ts": {1: 4, 2: 0}, "src/pay.ts": {9: 1}}


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"<coverage", b"<coverage/>", b"SF:a.py\nend_of_record\n", b"\x00\xff"],
)
def test_what_tells_of_no_line_is_refused(content):
    with pytest.raises(Refused, match="report of coverage"):
        read_report(content)


def test_an_entity_that_would_grow_beyond_all_measure_is_refused():
    bomb = (
        b'<!DOCTYPE c [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<coverage><class filename="&b;"/></coverage>'
    )

    with pytest.raises(Refused, match="no readable XML"):
        read_report(bomb)


def test_a_report_may_know_an_end_or_a_longer_form_of_a_path():
    report = {"posting.py": {1: 1}, "build/src/cart.ts": {2: 1}}

    assert lines_of(report, "ledger/posting.py") == {1: 1}
    assert lines_of(report, "src/cart.ts") == {2: 1}
    assert lines_of(report, "src/other.ts") is None
    assert lines_of(report, "ledger/notposting.py") is None


def test_two_files_of_one_name_do_not_cover_for_each_other():
    report = {"a/build/models.py": {1: 1}, "b/build/models.py": {1: 0}}

    assert lines_of(report, "build/models.py") is None
    assert lines_of(report, "a/build/models.py") == {1: 1}
