"""Whether a thing is there is asked of its own service; what cannot be asked is there."""

import pytest

from activities.environments.presence import is_there, told_or_true
from activities.environments.sources import Marked
from tests.activities.environments.stubs import OURS, arn, stubs
from workflows.domain.environments.census import Resource
from workflows.domain.errors import Unavailable

QUEUE = arn("sqs", "orders")
MAP = Resource(id="map-1", type="AWS::Location::Map", name="Map")


@pytest.mark.parametrize("now", [OURS, {"team": "other"}, {}, None])
def test_what_its_own_service_says_counts(now):
    with stubs() as script:
        script.tagged("orders", now)

        assert told_or_true(script, Marked(QUEUE, OURS)) == now


def test_what_its_own_service_does_not_tell_is_as_it_was_told():
    with stubs() as script:
        script.fails("sqs", "get_queue_url", "AccessDenied", status=403)

        assert told_or_true(script, Marked(QUEUE, OURS)) == OURS


def test_what_is_of_no_known_type_is_as_it_was_told():
    with stubs() as script:
        assert told_or_true(script, Marked(arn("geo", "map/1"), OURS)) == OURS


def test_what_is_throttled_is_asked_again():
    with stubs() as script:
        script.fails("sqs", "get_queue_url", "RequestThrottled")

        with pytest.raises(Unavailable):
            told_or_true(script, Marked(QUEUE, OURS))


@pytest.mark.parametrize(("now", "there"), [({}, True), (None, False)])
def test_what_a_stack_left_is_there_without_tags_too(now, there):
    left = Resource(id=QUEUE, type="AWS::SQS::Queue", name="Orders")
    with stubs() as script:
        script.tagged("orders", now)

        assert is_there(script, left) is there


def test_a_type_that_is_not_known_here_is_asked_for_at_cloud_control():
    with stubs() as script:
        for _ in range(2):
            named = {"TypeName": MAP.type, "Identifier": MAP.id}
            script.answers("cloudcontrol", "get_resource", {"TypeName": MAP.type}, **named)

        assert is_there(script, MAP)
        assert is_there(script, MAP)


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("ResourceNotFoundException", False),
        ("UnsupportedActionException", True),
        ("AccessDeniedException", True),
    ],
)
def test_only_what_is_not_found_is_gone(code, there):
    with stubs() as script:
        script.fails("cloudcontrol", "get_resource", code)

        assert is_there(script, MAP) is there


@pytest.mark.parametrize(
    "type_", ["Custom::Seed", "AWS::CloudFormation::WaitConditionHandle", "AWS::CDK::Metadata"]
)
def test_what_exists_in_its_stack_alone_is_gone_with_it(type_):
    with stubs() as script:
        assert not is_there(script, Resource(id="1", type=type_, name="Seed"))
