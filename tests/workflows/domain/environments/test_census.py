from datetime import UTC, datetime

from workflows.domain.environments.census import STACK, Census, Resource, Tag, tag_value

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_a_census_that_could_not_count_proves_nothing():
    assert Census(environment="pr-7", at=NOW).empty
    assert not Census(environment="pr-7", at=NOW, unreadable=("us-east-1: denied",)).empty


def test_a_resource_is_something_left():
    bucket = Resource(id="arn:aws:s3:::uploads", type="AWS::S3::Bucket", name="Uploads")

    census = Census(environment="pr-7", at=NOW, resources=(bucket,))

    assert not census.empty
    assert str(bucket) == "Uploads (arn:aws:s3:::uploads)"
    assert str(census) == "1 resources"


def a_census(*resources):
    return Census(environment="pr-7", at=NOW, resources=resources)


def test_what_a_stack_still_holds_is_no_orphan():
    stack = Resource(id="arn:stack", type=STACK)
    held = Resource(id="arn:bucket", type="AWS::S3::Bucket", name="Uploads")
    outside = Resource(id="arn:queue", type="")

    assert a_census(stack, held, outside).orphans == (outside,)
    assert a_census(held, outside).orphans == (held, outside)


def test_one_tag_of_a_hold_holds_all_of_it():
    free, held = (
        Resource(id="a", type=""),
        Resource(id="b", type="", tags={Tag.HOLD: "ben: litigation"}),
    )

    assert a_census(free, held).held == "ben: litigation"
    assert a_census(free).held is None


def test_a_tag_carries_what_aws_lets_it():
    assert tag_value('try "it", (again) ü@x') == "try -it-- -again- ü@x"
    assert tag_value("") == "-"
    assert len(tag_value("a" * 500)) == 256
