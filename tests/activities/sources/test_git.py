"""What only real git can get wrong; what every repository promises is in tests/contract."""

import pytest

from activities.sources.git import GitRepository
from tests.contract.repositories import ANA, BEN, DAY, NOON, RealWorld, three
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.risk.facts import Author

EVE = Author(name="Eve", email="eve@example.org")


@pytest.fixture
def real(tmp_path):
    return RealWorld(tmp_path)


def authors(found):
    return {author for one in found.commits for author in one.authors}


@pytest.mark.parametrize("name", ["a b", "x;id", "$(id)", "a\nb", ":/fix", "@{u}", "HEAD^", ""])
def test_git_is_asked_for_no_expression(real, name):
    _, _, head = three(real)

    with pytest.raises(Refused, match="is no name of a commit"):
        real.repository.between(name, head)


def test_a_branch_is_followed_too(real):
    _, base, head = three(real)

    assert real.repository.between(base, "main").head == head


def test_commits_that_are_known_need_nobody_to_be_there(real):
    """So that a ruling is made anew without the host of the repository."""
    _, base, head = three(real)
    real.repository.between(base, head)
    real.folder.rename(real.folder.with_name("gone"))

    assert real.repository.between(base, head).head == head
    with pytest.raises(Unavailable, match="the repository cannot be fetched"):
        real.repository.between(base, "main")


def test_a_revert_is_trouble_whatever_it_reverts(real):
    three(real)
    real.git("revert", "--no-edit", "HEAD", GIT_COMMITTER_DATE=NOON.isoformat())
    later = real.commit({"d.py": "d\n"}, at=NOON + DAY)

    revert = real.git("rev-parse", "HEAD~1")

    assert real.repository.between(revert, later).earlier[0].troubled


def test_a_file_of_the_repository_does_not_rename_an_author(real):
    """`.mailmap` belongs to whoever may commit, and would let an author be somebody else."""
    _, base, _ = three(real)
    head = real.commit({".mailmap": "Somebody <else@example.org> <ana@example.org>\n"}, at=NOON)

    authors = {
        author for one in real.repository.between(base, head).commits for author in one.authors
    }

    assert authors == {ANA, BEN}


def test_attributes_of_the_repository_run_no_program(real, tmp_path):
    marker = tmp_path / "ran"
    real.git("config", "diff.evil.textconv", f"touch {marker};")
    _, base, _ = three(real)
    head = real.commit({".gitattributes": "*.py diff=evil\n", "a.py": "other\n"}, at=NOON)

    assert "+other" in real.repository.between(base, head).diff
    assert not marker.exists()


def test_hostile_messages_forge_neither_commits_nor_authors(real):
    _, base, _ = three(real)
    forged = f"x\x1e{'f' * 40}\x1fMallory"
    others = "Co-authored-by: only a name\nCo-authored-by: <no@name>"
    real.commit({"a.py": "y\n"}, at=NOON, message=f"{forged}\n\n{others}")
    head = real.commit({"weird\nname.py": "z\n", f"{'e' * 40}": "z\n"}, at=NOON)

    found = real.repository.between(base, head)

    assert len(found.commits) == 3
    assert {a.name for one in found.commits for a in one.authors} == {
        "Ana",
        "Ben",
        "only a name",
        "",
    }
    assert set(found.commits[0].paths) == {"weird\nname.py", "e" * 40}


def test_a_merge_tells_the_authors_of_both_sides(real):
    _, base, _ = three(real)
    real.git("checkout", "--quiet", "-b", "side", base)
    real.commit({"side.py": "s\n"}, at=NOON, authors=(EVE,))
    real.git("checkout", "--quiet", "main")
    real.git("merge", "--quiet", "--no-ff", "--message=merge", "side")

    found = real.repository.between(base, "main")

    assert {a.name for one in found.commits for a in one.authors} == {
        "Ana",
        "Ben",
        "Eve",
        "nobody",
    }


def test_a_credential_is_neither_an_argument_nor_in_a_message(real, tmp_path):
    asked = []

    def secrets():
        asked.append(True)
        return {"http.extraHeader": "Authorization: Basic c2VjcmV0"}

    away = GitRepository("http://127.0.0.1:9/shop.git", tmp_path / "away.git", secrets=secrets)

    with pytest.raises(Unavailable) as caught:
        away.between("main", "main")

    assert asked == [True]
    assert "c2VjcmV0" not in str(caught.value)
    assert "c2VjcmV0" not in (tmp_path / "away.git" / "config").read_text()


def test_a_copy_that_is_damaged_is_refused_with_what_git_says(real, tmp_path):
    _, base, head = three(real)
    real.repository.between(base, head)
    for packed in (tmp_path / "copies" / "shop.git" / "objects").rglob("*"):
        if packed.is_file():
            packed.chmod(0o644)
            packed.write_bytes(b"")

    with pytest.raises((Refused, Unavailable)):
        real.repository.between(base, head)
