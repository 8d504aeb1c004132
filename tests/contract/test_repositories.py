"""What a repository promises, kept by real git and by the fake."""

import pytest

from tests.contract.repositories import ANA, BEN, NOON, FakeWorld, RealWorld, three
from workflows.domain.errors import Refused, TargetMissing


@pytest.fixture(params=[RealWorld, FakeWorld], ids=["git", "fake"])
def world(request, tmp_path):
    return request.param(tmp_path)


def test_the_commits_between_are_told_with_all_their_authors(world):
    _, base, head = three(world)

    found = world.repository.between(base, head)

    assert (found.base, found.head) == (base, head)
    (commit,) = found.commits
    assert (commit.id, commit.at) == (head, NOON)
    assert commit.authors == (ANA, BEN)
    assert sorted(commit.paths) == ["a.py", "b.py", "c.py"]


def test_files_are_told_with_their_lines(world):
    _, base, head = three(world)

    found = sorted(world.repository.between(base, head).files)

    assert [tuple(file) for file in found] == [("a.py", 2, 1), ("b.py", 0, 1), ("c.py", 1, 0)]


def test_the_diff_holds_what_was_added_and_nothing_around_it(world):
    _, base, head = three(world)

    diff = world.repository.between(base, head).diff

    assert "+TWO\n" in diff
    assert "+new\n" in diff
    assert "\n one\n" not in diff


def test_what_led_to_the_base_is_told_for_90_days_before_the_head(world):
    _, base, head = three(world)

    (earlier,) = world.repository.between(base, head).earlier

    assert earlier.id == base
    assert earlier.authors == (BEN,)
    assert earlier.troubled
    assert earlier.paths == ("a.py",)


def test_nothing_lies_between_a_commit_and_itself(world):
    _, _, head = three(world)

    found = world.repository.between(head, head)

    assert (found.commits, found.files, found.diff) == ((), (), "")


def test_a_tag_leads_to_its_commit_and_follows_it_when_it_moves(world):
    old, base, head = three(world)
    world.call_it("v1", old)

    assert world.repository.between("v1", head).base == old

    world.call_it("v1", base)

    assert world.repository.between("v1", head).base == base


@pytest.mark.parametrize("name", ["v9", "0" * 40])
def test_a_commit_that_is_not_there_is_missing(world, name):
    three(world)

    with pytest.raises(TargetMissing, match=f"leads to {name}"):
        world.repository.between(name, name)


@pytest.mark.parametrize("name", ["--output=stolen", "-h", "v1..v2"])
def test_what_is_no_name_is_refused_before_anybody_is_asked(world, name):
    _, _, head = three(world)

    with pytest.raises(Refused, match="is no name of a commit"):
        world.repository.between(name, head)
    with pytest.raises(Refused, match="is no name of a commit"):
        world.repository.between(head, name)
