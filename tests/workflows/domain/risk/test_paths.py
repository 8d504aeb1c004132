import pytest

from workflows.domain.risk.facts import PathClass
from workflows.domain.risk.paths import path_class


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ledger/posting.py", PathClass.CODE),
        ("src/main/java/Posting.java", PathClass.CODE),
        ("bin/release", PathClass.CODE),
        ("tests/test_posting.py", PathClass.TESTS),
        ("ledger/posting_test.go", PathClass.TESTS),
        ("web/cart.spec.ts", PathClass.TESTS),
        ("src/PostingTests.java", PathClass.TESTS),
        ("tests/builders.py", PathClass.TESTS),
        ("db/0142_expand.sql", PathClass.SCHEMA),
        ("shop/migrations/0007_cards.py", PathClass.SCHEMA),
        ("tests/migrations/0007_cards.sql", PathClass.SCHEMA),
        ("package-lock.json", PathClass.DEPENDENCIES),
        ("requirements/dev.lock", PathClass.DEPENDENCIES),
        ("go.mod", PathClass.DEPENDENCIES),
        ("terraform/main.tf", PathClass.INFRASTRUCTURE),
        (".github/workflows/build.yml", PathClass.INFRASTRUCTURE),
        ("Dockerfile", PathClass.INFRASTRUCTURE),
        ("README.md", PathClass.DOCS),
        ("docs/picture.png", PathClass.DOCS),
        ("config/production.yaml", PathClass.CONFIGURATION),
    ],
)
def test_a_file_is_what_its_name_says(path, expected):
    assert path_class(path) is expected


def test_what_has_no_known_name_is_code():
    """A file of unknown kind is never the harmless one."""
    assert path_class("weird/thing.xyz") is PathClass.CODE


def test_a_name_of_a_test_does_not_hide_one_that_merely_ends_alike():
    assert path_class("shop/contest.py") is PathClass.CODE
    assert path_class("shop/latest.py") is PathClass.CODE
