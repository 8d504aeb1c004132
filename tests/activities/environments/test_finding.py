"""Every environment that anything exists of is found, a page at a time."""

import pytest

from activities.environments.finding import Finder
from tests.activities.environments.lists import TaggedList, denied
from tests.activities.environments.stubs import HELD, OURS, PREVIEW, SNAPSHOT, arn, stubs
from workflows.domain.errors import Refused, Unavailable
from workflows.ports.environments import FindTagged

MAP = arn("geo", "map/1")
THEIRS = {"lockgate:environment": "pr-8", "lockgate:owner": "ana"}


def find(script, *sources, page=""):
    return Finder(script, sources).find(FindTagged(provider=PREVIEW, page=page))


def found_by(script, *sources):
    """All pages in order, as a sweep turns them."""
    pages = [find(script, *sources)]
    while pages[-1].page:
        pages.append(find(script, *sources, page=pages[-1].page))
    return pages


def test_every_page_of_every_list_is_turned():
    tagging = TaggedList("tagging", [(MAP, OURS)], [])
    ec2 = TaggedList("ec2", [(arn("geo", "map/2"), THEIRS)])
    with stubs() as script:
        pages = found_by(script, tagging, ec2)

    assert [page.environments for page in pages] == [{"pr-7": OURS}, {}, {"pr-8": THEIRS}]
    assert [page.page for page in pages] == ["tagging/1", "ec2/", ""]
    assert tagging.asked == [(None, ""), (None, "1")]


def test_an_environment_of_which_nothing_is_there_any_more_is_not_found():
    """The list of all tags is late; nobody reclaims what is gone already."""
    source = TaggedList("tagging", [(arn("sqs", "a"), OURS), (arn("sqs", "b"), THEIRS)])
    with stubs() as script:
        script.tagged("a", None)
        script.tagged("b", THEIRS)

        assert find(script, source).environments == {"pr-8": THEIRS}


def test_one_thing_that_is_there_is_enough():
    things = [(arn("sqs", name), OURS) for name in ("a", "b", "c")]
    with stubs() as script:
        script.tagged("a", None)
        script.tagged("b", OURS)

        assert find(script, TaggedList("tagging", things)).environments == {"pr-7": OURS}


def test_a_hold_on_anything_holds_the_environment():
    source = TaggedList("tagging", [(MAP, OURS), (arn("geo", "map/2"), HELD)])
    with stubs() as script:
        assert find(script, source).environments == {"pr-7": HELD}


def test_a_final_snapshot_is_no_environment():
    with stubs() as script:
        assert find(script, TaggedList("tagging", [(MAP, SNAPSHOT)])).environments == {}


def test_what_is_left_by_its_stack_on_purpose_is_no_environment():
    with stubs() as script:
        script.tagged("a", SNAPSHOT)

        source = TaggedList("tagging", [(arn("sqs", "a"), OURS)])
        assert find(script, source).environments == {}


def test_a_list_that_cannot_be_read_is_told_and_the_next_one_is_read():
    sources = (TaggedList("tagging", denied("tagging")), TaggedList("ec2", [(MAP, OURS)]))
    with stubs() as script:
        first, second = found_by(script, *sources)

    assert first.unreadable == ("tagging: AccessDenied: no",)
    assert second.environments == {"pr-7": OURS}


def test_a_list_that_is_throttled_is_asked_again():
    with stubs() as script, pytest.raises(Unavailable):
        find(script, TaggedList("tagging", Unavailable("tagging: Throttling")))


def test_a_page_of_no_list_is_refused():
    with stubs() as script, pytest.raises(Refused, match="page 'other/1' is in none of tagging"):
        find(script, TaggedList("tagging"), page="other/1")
