from datetime import UTC, datetime

from workflows.domain.environments.census import Census, Resource

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
