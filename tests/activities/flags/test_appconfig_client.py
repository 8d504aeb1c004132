"""What is written down of AppConfig is known to boto3 and to the fake."""

from activities.flags.appconfig_client import Control, Retrieval
from tests.activities.aws_calls import calls_of, changes_of, unlike_boto3
from tests.fakes.appconfig import FakeAppConfig


def test_its_calls_are_those_of_boto3_for_control():
    assert unlike_boto3("appconfig", Control) == []


def test_its_calls_are_those_of_boto3_for_retrieval():
    assert unlike_boto3("appconfigdata", Retrieval) == []


def test_the_fake_answers_every_call():
    calls = calls_of(Control) | calls_of(Retrieval)
    assert [name for name in calls if not hasattr(FakeAppConfig, name)] == []


def test_nothing_that_deletes_or_reconfigures_is_within_reach():
    """A flag is changed by a version more; no version is lost, no strategy made laxer."""
    assert changes_of(Control) == {"create_hosted_configuration_version", "start_deployment"}
    assert changes_of(Retrieval) == {"start_configuration_session"}
