"""Whoever meets an error finds a page about it."""

import pytest

from tests.architecture.sources import ROOT
from workflows.domain.errors import ReleaseError

RUNBOOKS = ROOT / "docs" / "runbooks"
ASKED = ("**What happened.**", "**What Lockgate did.**", "**What to look at.**", "**What to do.**")


@pytest.mark.parametrize("kind", sorted(ReleaseError.kinds))
def test_each_kind_of_error_has_a_page_that_answers_four_questions(kind):
    page = (RUNBOOKS / f"{kind}.md").read_text("utf-8")

    assert page.startswith(f"# {kind}\n")
    assert [question for question in ASKED if question not in page] == []
    assert f"[{kind}]({kind}.md)" in (RUNBOOKS / "README.md").read_text("utf-8")


def test_no_page_is_about_an_error_that_is_gone():
    pages = {page.stem for page in RUNBOOKS.glob("[A-Z]*.md")} - {"README"}

    assert pages == set(ReleaseError.kinds)
