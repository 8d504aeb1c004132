"""The ledger's revisions are one line: no merge of two branches may leave two heads, or a ring."""

import re

from tests.architecture.sources import ROOT

VERSIONS = ROOT / "activities" / "ledger" / "migrations" / "versions"
_AFTER = re.compile(r"^down_revision = (?:\"(\w+)\"|None)$", re.MULTILINE)


def test_each_revision_comes_after_another_one_and_only_one_comes_last():
    after = {}
    for file in VERSIONS.glob("*.py"):
        found = _AFTER.search(file.read_text("utf-8"))
        assert found, file.name
        after[file.name.partition("_")[0]] = found[1]

    (last,) = after.keys() - set(after.values())
    line = [last]
    while (before := after[line[-1]]) is not None:
        assert before not in line
        line.append(before)

    assert sorted(line) == sorted(after)
