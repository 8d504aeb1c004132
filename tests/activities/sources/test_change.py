from datetime import UTC, datetime, timedelta

import pytest

from activities.sources.change import change_of
from activities.sources.repository import Between, Commit, FileChange
from workflows.domain.errors import Refused
from workflows.domain.risk.asking import SourceAsk
from workflows.domain.risk.facts import Author, HotFile, LineCoverage, PathClass
from workflows.domain.values import Provider

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
ANA, BEN = (Author(name=n, email=f"{n}@example.org") for n in ("ana", "ben"))
ASK = SourceAsk(
    service="ledger", repository=Provider(type="git", connection="mono"), base="v1", head="v2"
)
DIFF = """\
diff --git a/ledger/posting.py b/ledger/posting.py
--- a/ledger/posting.py
+++ b/ledger/posting.py
@@ -1,0 +2,3 @@
+    covered()
+
+    missed()
@@ -9 +12 @@
-old()
+# a comment, which no report lists
diff --git a/tests/test_posting.py b/tests/test_posting.py
--- a/tests/test_posting.py
+++ b/tests/test_posting.py
@@ -1,0 +2 @@
+assert True
"""
REPORT = {"ledger/posting.py": {2: 5, 3: 0, 4: 0, 9: 1}}


def commit(*paths, authors=(ANA,), troubled=False, number=0):
    return Commit(id=f"{number:040}", at=NOON, authors=authors, paths=paths, troubled=troubled)


def between(**changed):
    return Between(
        **{
            "base": "a" * 40,
            "head": "b" * 40,
            "commits": (commit(authors=(ANA, BEN)), commit(authors=(BEN,))),
            "files": (
                FileChange("ledger/posting.py", 4, 1),
                FileChange("tests/test_posting.py", 1, 0),
            ),
            "earlier": (),
            "diff": DIFF,
            **changed,
        }
    )


def told(report=REPORT, **changed):
    return change_of(ASK, between(**changed), report)


def test_commits_files_and_people_are_counted_once():
    found = told()

    assert (found.commits, found.files, found.added, found.removed) == (2, 2, 5, 1)
    assert found.authors == (ANA, BEN)
    assert found.classes == (PathClass.CODE, PathClass.TESTS)
    assert found.repository == "git/mono"
    assert found.complete


def test_of_the_changed_lines_those_that_can_run_are_looked_for_in_the_report():
    """Lines 2 and 4: line 3 is blank, line 12 a comment, and the tests are not what is tested."""
    assert told().coverage == LineCoverage(lines=2, covered=1)


def test_code_that_the_report_does_not_know_was_run_by_no_test():
    assert told({"other.py": {1: 1}}).coverage == LineCoverage(lines=3, covered=0)


def test_without_a_report_or_a_diff_nobody_knows():
    assert told(None).coverage is None
    assert told(diff=None).coverage is None


def test_the_files_of_most_incidents_and_commits_are_the_hottest():
    earlier = (
        commit("ledger/posting.py", "elsewhere.py", authors=(ANA,)),
        commit("ledger/posting.py", authors=(BEN, ANA), troubled=True),
        commit("tests/test_posting.py", authors=(BEN,)),
    )

    assert told(earlier=earlier).hot == (
        HotFile(path="ledger/posting.py", commits=2, authors=2, incidents=1),
        HotFile(path="tests/test_posting.py", commits=1, authors=1),
    )


def test_a_schema_that_is_touched_is_named():
    files = (FileChange("db/0142.sql", 3, 0),)

    assert told(files=files).schema_paths == ("db/0142.sql",)


def test_long_lists_are_cut_and_authors_left_out_are_said_to_be():
    """Whoever is left out could not be kept from approving their own change."""
    files = tuple(FileChange(f"f{n}.py", 1, 0) for n in range(300))
    crowd = tuple(Author(name=f"a{n}", email=f"a{n}@example.org") for n in range(201))
    found = told(files=files, commits=(commit(authors=crowd),))

    assert (found.files, len(found.paths), len(found.authors)) == (300, 100, 200)
    assert not found.complete
    assert not told(complete=False).complete


def test_a_diff_that_is_none_is_refused():
    with pytest.raises(Refused, match="the diff cannot be read"):
        told(diff="--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n+only one\n")


def test_it_takes_no_longer_for_many_commits():
    earlier = tuple(commit(f"f{n % 50}.py", number=n) for n in range(5000))
    before = datetime.now(UTC)

    told(earlier=earlier, files=tuple(FileChange(f"f{n}.py", 1, 0) for n in range(500)))

    assert datetime.now(UTC) - before < timedelta(seconds=10)
