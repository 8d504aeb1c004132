import pytest

from tests.environments import an_environment_order
from tests.workflows.domain.environments.views import NOON, a_view
from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import (
    HoldRefused,
    RetryRefused,
    Teardown,
    TeardownRefused,
)
from workflows.domain.environments.order import ReclaimOrder
from workflows.domain.environments.standing import (
    expect_held,
    expect_holdable,
    expect_incomplete,
    expect_removable,
    first_view,
    view_of_what_is_left,
)
from workflows.domain.environments.view import EnvironmentPhase, Hold
from workflows.domain.values import Provider, digest_of

HELD = Hold(by="ben", reason="litigation", since=NOON)
PROVIDER = Provider(type="cloudformation", connection="preview")


def test_its_lease_begins_when_it_is_begun():
    order = an_environment_order(requested_by="a-pipeline")

    view = first_view(order, run="a-run", now=NOON)

    assert view.phase is EnvironmentPhase.CREATING
    assert view.expires_at == NOON + order.plan.lease.ttl
    assert view.expires_at_most == NOON + order.plan.lease.longest
    assert view.plan_digest == order.plan.digest
    assert view.requested_by == "a-pipeline"


def test_tags_tell_whose_it_was():
    tags = {**an_environment_order().tags(expiry=NOON), Tag.RELEASE: "-"}

    view = view_of_what_is_left(
        ReclaimOrder(name="pr-7", provider=PROVIDER, tags=tags, reason="an orphan"), run="a-run"
    )

    assert (view.owner, view.team, view.template) == ("ana", "team-shop", "preview")
    assert view.digest == tags[Tag.DIGEST]
    assert view.release is None


def test_tags_that_say_nothing_do_not_stop_anybody():
    order = ReclaimOrder(
        name="pr-7", provider=PROVIDER, tags={Tag.DIGEST: "none"}, reason="an orphan"
    )

    view = view_of_what_is_left(order, run="a-run")

    assert (view.owner, view.digest) == ("unknown", digest_of(""))


def test_what_is_there_is_held_once():
    expect_holdable(a_view())
    with pytest.raises(HoldRefused, match="held already, by ben: litigation"):
        expect_holdable(a_view(hold=HELD))
    with pytest.raises(HoldRefused, match="is Creating"):
        expect_holdable(a_view(phase=EnvironmentPhase.CREATING))


def test_only_a_hold_can_be_lifted():
    expect_held(a_view(hold=HELD))
    with pytest.raises(HoldRefused, match="nobody holds pr-7"):
        expect_held(a_view())


def test_a_hold_refuses_whoever_asks_and_protection_whoever_does_not_name_it():
    said = Teardown(by="ana", reason="over", protected=True)
    bare = said.model_copy(update={"protected": False})

    expect_removable(a_view(), bare)
    expect_removable(a_view(protected=True), said)
    expect_removable(a_view(protected=True, phase=EnvironmentPhase.TEARDOWN_INCOMPLETE), bare)
    with pytest.raises(TeardownRefused, match="held by ben: litigation"):
        expect_removable(a_view(hold=HELD), said)
    with pytest.raises(TeardownRefused, match="say --protected"):
        expect_removable(a_view(protected=True), bare)


def test_only_what_rests_is_tried_again():
    expect_incomplete(a_view(phase=EnvironmentPhase.TEARDOWN_INCOMPLETE))
    with pytest.raises(RetryRefused, match="is Ready"):
        expect_incomplete(a_view())
