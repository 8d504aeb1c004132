"""What counts, what does not, and what proves that nothing is left."""

from datetime import UTC, datetime

import pytest

from activities.environments.census import CensusTaker
from tests.activities.environments.lists import TaggedList, a_stack, denied, listed, no_stack
from tests.activities.environments.stubs import (
    OURS,
    PREVIEW,
    SNAPSHOT,
    STACK,
    ScriptedPace,
    arn,
    stubs,
    tags,
)
from workflows.domain.environments.census import Resource
from workflows.domain.errors import Unavailable
from workflows.ports.environments import TakeCensus

QUEUE = arn("sqs", "orders")
MAP = arn("geo", "map/1")
SYSTEM = {"aws:cloudformation:logical-id": "Orders", "aws:cloudformation:stack-id": STACK}


def take(script, *sources, stack="", pace=None):
    ask = TakeCensus(environment="pr-7", provider=PREVIEW, stack=stack)
    return CensusTaker(script, sources).take(ask, pace or ScriptedPace())


def test_nothing_anywhere_proves_that_nothing_is_left():
    pace = ScriptedPace()
    with stubs() as script:
        no_stack(script)

        census = take(script, TaggedList("tagging"), TaggedList("ec2"), pace=pace)

    assert census.empty
    assert census.environment == "pr-7"
    assert census.at == datetime.fromtimestamp(pace.at, UTC)


def test_the_stack_counts_and_what_it_lists_counts_once():
    """By tag and by the list: the list has the name, the tag the rest."""
    tagged = TaggedList("tagging", [(STACK, OURS), (QUEUE, {**OURS, **SYSTEM})])
    with stubs() as script:
        a_stack(script, listed("Orders", "AWS::SQS::Queue", "https://sqs/1/orders"))

        census = take(script, tagged)

    assert census.resources == (
        Resource(id=STACK, type="AWS::CloudFormation::Stack", tags=OURS),
        Resource(id=QUEUE, type="AWS::SQS::Queue", name="Orders", tags=OURS),
    )


def test_a_type_that_is_not_known_is_matched_by_what_its_stack_calls_it():
    tagged = TaggedList(
        "tagging", [(MAP, {**OURS, **SYSTEM, "aws:cloudformation:logical-id": "Map"})]
    )
    with stubs() as script:
        a_stack(script, listed("Map", "AWS::Location::Map", "map-1"))

        census = take(script, tagged)

    assert census.resources[1:] == (
        Resource(id=MAP, type="AWS::Location::Map", name="Map", tags=OURS),
    )


def test_what_a_nested_stack_calls_the_same_is_another_one():
    nested = {**OURS, **SYSTEM, "aws:cloudformation:stack-id": STACK + "-nested"}
    with stubs() as script:
        a_stack(script, listed("Orders", "AWS::Location::Map", "map-1"))

        census = take(script, TaggedList("tagging", [(MAP, nested)]))

    assert [each.id for each in census.resources] == [STACK, "map-1", MAP]


@pytest.mark.parametrize(
    ("now", "counts"),
    [(OURS, True), (None, False), ({}, False), ({"lockgate:environment": "pr-8"}, False)],
)
def test_what_is_tagged_counts_if_its_own_service_agrees(now, counts):
    """The list of all tags is late: about what is gone, and about who has it now."""
    with stubs() as script:
        no_stack(script)
        script.tagged("orders", now)

        census = take(script, TaggedList("tagging", [(QUEUE, OURS)]))

    expected = Resource(id=QUEUE, type="AWS::SQS::Queue", tags=OURS)
    assert census.resources == ((expected,) if counts else ())


def test_what_nobody_can_confirm_counts():
    with stubs() as script:
        no_stack(script)
        script.fails("sqs", "get_queue_url", "AccessDenied", status=403)

        census = take(script, TaggedList("tagging", [(QUEUE, OURS), (MAP, OURS)]))

    assert [(each.id, each.type) for each in census.resources] == [
        (QUEUE, "AWS::SQS::Queue"),
        (MAP, ""),
    ]


def test_final_snapshots_do_not_count():
    named = arn("rds", "snapshot:orders-1")
    with stubs() as script:
        no_stack(script)

        assert take(script, TaggedList("tagging", [(named, SNAPSHOT)])).empty


def test_a_snapshot_that_is_tagged_as_one_since_does_not_count():
    with stubs() as script:
        no_stack(script)
        script.tagged("orders", SNAPSHOT)

        assert take(script, TaggedList("tagging", [(QUEUE, OURS)])).empty


def test_what_a_stack_keeps_of_its_database_is_told_and_does_not_count():
    """RDS copies the tags of a database onto its snapshots; the template wants this one kept."""
    named = arn("rds", "snapshot:lockgate-pr-7-snapshot-books-1w6cuoyr1xdrc")
    with stubs() as script:
        no_stack(script)
        found = {"DBSnapshots": [{"SnapshotType": "manual"}]}
        script.answers("rds", "describe_db_snapshots", found)
        script.answers("rds", "list_tags_for_resource", {"TagList": tags(OURS)})

        census = take(script, TaggedList("tagging", [(named, OURS)]))

    assert census.empty
    assert census.kept == (named,)


def test_each_list_is_read_to_its_end_and_what_two_know_counts_once():
    tagging = TaggedList("tagging", [(QUEUE, OURS)], [], [(MAP, OURS)])
    other = TaggedList("other", [(MAP, OURS)])
    with stubs() as script:
        no_stack(script)
        script.tagged("orders", OURS)

        census = take(script, tagging, other)

    assert [each.id for each in census.resources] == [QUEUE, MAP]
    assert tagging.asked == [("pr-7", ""), ("pr-7", "1"), ("pr-7", "2")]


def test_a_list_that_cannot_be_read_is_told_and_proves_nothing():
    with stubs() as script:
        no_stack(script)

        census = take(script, TaggedList("tagging", denied("tagging")), TaggedList("ec2"))

    assert census.unreadable == ("tagging: AccessDenied: no",)
    assert not census.empty


def test_a_stack_that_cannot_be_read_is_told_and_the_rest_is_counted():
    with stubs() as script:
        script.fails("cloudformation", "describe_stacks", "AccessDenied", status=403)

        census = take(script, TaggedList("tagging", [(MAP, OURS)]))

    assert [each.id for each in census.resources] == [MAP]
    assert "the stack: " in census.unreadable[0]


def test_a_list_that_is_throttled_is_asked_again_as_a_whole():
    with stubs() as script:
        no_stack(script)
        source = TaggedList("tagging", Unavailable("tagging: Throttling"))

        with pytest.raises(Unavailable):
            take(script, source)


def test_what_a_deleted_stack_kept_counts_while_it_is_there():
    left = [listed("Queue", "AWS::SQS::Queue", "q://sqs/1/kept", "DELETE_SKIPPED")]
    left.append(listed("Other", "AWS::SQS::Queue", "q://sqs/1/lost", "DELETE_SKIPPED"))
    with stubs() as script:
        no_stack(script)
        for _ in range(2):
            found = {"StackResourceSummaries": left}
            script.answers("cloudformation", "list_stack_resources", found, StackName=STACK)
        script.tagged("kept", {})
        script.tagged("lost", None)

        census = take(script, TaggedList("tagging"), stack=STACK)

    assert [each.id for each in census.resources] == [arn("sqs", "kept")]


def test_more_than_fits_into_a_history_is_not_counted_on():
    many = [(arn("geo", f"map/{number}"), OURS) for number in range(600)]
    more = [(arn("geo", f"place/{number}"), OURS) for number in range(600)]
    source = TaggedList("tagging", many, more, [])
    with stubs() as script:
        no_stack(script)

        census = take(script, source)

    assert len(census.resources) == 1200
    assert census.unreadable == ("tagging: more than 1000 resources of pr-7",)
    assert len(source.asked) == 2


def test_each_page_is_a_sign_of_life():
    pace = ScriptedPace()
    with stubs() as script:
        no_stack(script)

        take(script, TaggedList("tagging", [], [(MAP, OURS)]), pace=pace)

    assert pace.beats == ['{"found":0}', '{"found":1}']
