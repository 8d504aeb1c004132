import pytest
from pydantic import ValidationError

from tests.environments import an_environment_template
from workflows.domain.spec import EnvironmentTemplateSpec


def test_what_is_left_out_is_the_careful_choice():
    written = an_environment_template()

    spec = EnvironmentTemplateSpec.model_validate(written)

    assert spec.data_class == "internal"
    assert spec.teardown.empty_buckets
    assert not spec.protected


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"lease": {"ttl": "0s", "longest": "1d"}}, "ttl must be longer than nothing"),
        ({"lease": {"ttl": "3d", "longest": "2d"}}, "longest is shorter than ttl, 3d"),
        ({"parameters": {"Size": {"allowed": ["a"], "default": "b"}}}, "'b' is not in allowed"),
        ({"prices": {"resources": [{"type": "AWS::S3::Bucket"}]}}, "give perHour, or by with"),
        (
            {"prices": {"resources": [{"type": "AWS::S3::Bucket", "by": "Size"}]}},
            "by and perHourBy go together",
        ),
        (
            {"prices": {"resources": [{"type": "AWS::S3::Bucket", "perHour": "1"}] * 2}},
            "two prices for AWS::S3::Bucket",
        ),
        ({"prices": {"currency": "euro"}}, "pattern"),
        ({"template": {"file": "/etc/passwd"}}, "pattern"),
        ({"price": {}}, "Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, told):
    with pytest.raises(ValidationError, match=told):
        EnvironmentTemplateSpec.model_validate(an_environment_template(**changes))
