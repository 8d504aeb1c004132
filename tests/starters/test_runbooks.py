import pytest

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.problems import FilesRefused
from starters.files.spec_file import lint_release
from starters.runbooks import known_runbook, known_runbooks

RUNBOOK = """\
apiVersion: lockgate.dev/v1alpha1
kind: Runbook
metadata: {name: take-back}
spec:
  title: Take the shop back by hand
  author: ana
  steps: {file: take-back.md}
  commands: [{name: stop, run: shopctl imports stop, expect: stopped}]
  verification: Orders are counted again.
  rollbackPlan: Install the old version.
"""


@pytest.fixture
def catalog(shop):
    (shop / "catalog" / "runbooks.yaml").write_text(RUNBOOK, encoding="utf-8")
    (shop / "catalog" / "take-back.md").write_text("1. Stop the imports.\n", encoding="utf-8")
    return shop / "catalog"


def test_the_page_holds_all_that_a_review_is_about(catalog):
    page = known_runbook("take-back", catalog).page

    for words in (
        "# Take the shop back by hand\n\nby ana",
        "## Steps\n\n1. Stop the imports.",
        "- stop, expect: stopped\n\n      shopctl imports stop",
        "## Verification\n\nOrders are counted again.",
        "## Rollback plan\n\nInstall the old version.",
    ):
        assert words in page


def test_the_digest_follows_the_file(catalog):
    before = known_runbook("take-back", catalog).digest

    (catalog / "take-back.md").write_text("1. Sleep.\n", encoding="utf-8")

    assert known_runbook("take-back", catalog).digest != before


def test_a_runbook_that_is_not_there_is_named_with_the_nearest(catalog):
    with pytest.raises(CommandFailed, match="take-back") as failed:
        known_runbook("take-bak", catalog)

    assert failed.value.code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("author: ana", "author: zoe", "Person zoe is not in the catalog"),
        ("take-back.md", "missing.md", "cannot be read"),
        ("steps:", "stepps:", "steps"),
        ("{file: take-back.md}", "{file: ../secret.md}", "steps.file"),
    ],
)
def test_what_is_wrong_with_a_runbook_is_named(catalog, spoil, old, new, problem):
    spoil("catalog/runbooks.yaml", old, new)

    with pytest.raises(FilesRefused) as refused:
        known_runbooks(catalog)

    assert problem in str(refused.value)


def test_a_release_that_names_a_runbook_that_is_not_there_is_refused(catalog, spoil):
    spoil("release.yaml", "environments:", "rollback: {runbookRef: take-bak}\n  environments:")

    (problem,) = lint_release(catalog.parent / "release.yaml")

    assert "Runbook take-bak is not in the catalog" in str(problem)
