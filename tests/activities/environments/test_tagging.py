import pytest

from activities.environments import tagging


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("team-shop", "team-shop"),
        ("ana@example.org: a/b_c=1.5+2", "ana@example.org: a/b_c=1.5+2"),
        ("für Müller, 見る", "für Müller  見る"),
        ("two\nlines (and more)!", "two lines  and more"),
        ("", "-"),
        ("!!!", "-"),
        ("x" * 300, "x" * 256),
    ],
)
def test_a_value_is_made_one_that_every_service_takes(said, taken):
    assert tagging.taggable({"lockgate:purpose": said}) == {"lockgate:purpose": taken}


def test_tags_are_read_as_they_were_written_without_those_of_aws_itself():
    given = {"lockgate:team": "shop", "cost": "7"}
    listed = [*tagging.written(given), {"Key": "aws:cloudformation:stack-name", "Value": "x"}]

    assert tagging.read(listed) == given


def test_the_tags_of_others_are_told_from_ours():
    assert tagging.beside_ours({"lockgate:team": "shop", "cost": "7"}) == {"cost": "7"}
