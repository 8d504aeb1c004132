from activities.environments import tagging


def test_free_text_is_made_one_that_every_service_takes_and_is_then_kept():
    taken = tagging.taggable({"lockgate:purpose": "two\nlines (and more)!", "lockgate:hold": ""})

    assert taken == {"lockgate:purpose": "two-lines -and more--", "lockgate:hold": "-"}
    assert tagging.taggable(taken) == taken


def test_tags_are_read_as_they_were_written_without_those_of_aws_itself():
    given = {"lockgate:team": "shop", "cost": "7"}
    listed = [*tagging.written(given), {"Key": "aws:cloudformation:stack-name", "Value": "x"}]

    assert tagging.read(listed) == given


def test_the_tags_of_others_are_told_from_ours():
    assert tagging.beside_ours({"lockgate:team": "shop", "cost": "7"}) == {"cost": "7"}
