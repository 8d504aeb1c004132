import pytest
from pydantic import ValidationError

from infra.provisioning import CloudFormationConnection


def connection(**written):
    return CloudFormationConnection.model_validate({"type": "cloudformation", **written})


def test_a_service_is_reached_at_its_own_endpoint_or_at_the_one_of_all_others():
    found = connection(
        region="eu-central-1",
        endpoint="http://127.0.0.1:1",
        endpoints={"s3": "http://127.0.0.1:2"},
        credentials="environments/preview",
    )

    assert found.at("s3").endpoint == "http://127.0.0.1:2"
    assert found.at("sqs").endpoint == "http://127.0.0.1:1"
    assert found.at("s3").region == "eu-central-1"
    assert found.at("s3").credentials == "environments/preview"


def test_by_default_it_is_aws_itself_and_templates_make_no_roles():
    found = connection()

    assert found.at("cloudformation").endpoint is None
    assert found.capabilities == ()
    assert found.role is None


@pytest.mark.parametrize(
    "written",
    [
        {"capabilities": ["CAPABILITY_ALL"]},
        {"role": "deployer"},
        {"calls_per_second": 0},
        {"access_key": "AKIA"},
    ],
)
def test_what_cannot_be_meant_is_refused(written):
    with pytest.raises(ValidationError):
        connection(**written)
