"""Each ask goes to the provisioner that it names, and what that answers comes back."""

import inspect
from datetime import UTC, datetime

import pytest

from activities.connections import Connections
from activities.environments.activities import EnvironmentsActivities
from activities.environments.provisioner import Provisioner
from tests.environments import an_environment_order
from workflows.domain.environments.census import Census
from workflows.domain.environments.drift import Drift
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Provider, digest_of
from workflows.ports.environments import (
    CheckBlueprint,
    CreateEnvironment,
    Deleted,
    DeleteOrphans,
    DeleteStack,
    Emptied,
    EmptyBuckets,
    EnvironmentsPort,
    FindTagged,
    Made,
    ReadDrift,
    ReadEnvironment,
    ReadSurface,
    Snapshots,
    Surface,
    TagEnvironment,
    Tagged,
    TakeCensus,
    TakeSnapshots,
)

PREVIEW = Provider(type="cloudformation", connection="preview")
BLUEPRINT = an_environment_order().plan.blueprint
NAMED = {"environment": "pr-7", "provider": PREVIEW}
MADE = Made(stack="lockgate-pr-7", status="CREATE_COMPLETE")

ASKED = [
    (CheckBlueprint(provider=PREVIEW, blueprint=BLUEPRINT), None),
    (CreateEnvironment(**NAMED, blueprint=BLUEPRINT, tags={}), MADE),
    (TagEnvironment(**NAMED, tags={}), None),
    (ReadEnvironment(**NAMED), MADE),
    (TakeCensus(**NAMED), Census(environment="pr-7", at=datetime.now(UTC))),
    (TakeSnapshots(**NAMED), Snapshots(snapshots=("s-1",))),
    (EmptyBuckets(**NAMED), Emptied(buckets={"b": 2})),
    (DeleteStack(**NAMED, lift=True), None),
    (DeleteOrphans(**NAMED, resources=()), Deleted(gone=("q",))),
    (ReadDrift(**NAMED, digest=digest_of("t")), Drift()),
    (ReadSurface(**NAMED), Surface()),
    (FindTagged(provider=PREVIEW), Tagged(page="2")),
]
METHODS = {
    "CheckBlueprint": "check_blueprint",
    "CreateEnvironment": "create_environment",
    "TagEnvironment": "tag_environment",
    "ReadEnvironment": "read_made",
    "TakeCensus": "take_census",
    "TakeSnapshots": "take_snapshots",
    "EmptyBuckets": "empty_buckets",
    "DeleteStack": "delete_stack",
    "DeleteOrphans": "delete_orphans",
    "ReadDrift": "read_drift",
    "ReadSurface": "read_surface",
    "FindTagged": "find_tagged",
}


class Recording:
    """A provisioner that keeps what it was asked, and answers as it was told to."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def __getattr__(self, name):
        def ask(*given):
            self.asked.append((name, *given))
            return self.answer

        return ask


@pytest.mark.parametrize(("ask", "answer"), ASKED, ids=lambda one: type(one).__name__)
def test_an_ask_reaches_the_connection_that_it_names_with_a_pace_where_it_waits(ask, answer):
    named, other = Recording(answer), Recording("of another")
    known = {PREVIEW: named, Provider(type="cloudformation", connection="other"): other}
    pace = object()
    port = EnvironmentsActivities(Connections("provisioner", known), pace=lambda: pace)
    method = METHODS[type(ask).__name__]
    waits = "pace" in inspect.signature(getattr(Provisioner, method)).parameters

    assert getattr(port, method)(ask) == answer

    assert named.asked == [(method, ask, *([pace] if waits else []))]
    assert other.asked == []


def test_the_protocol_has_one_method_for_each_of_the_port():
    protocol = {name for name in vars(Provisioner) if not name.startswith("_")}

    assert protocol == set(EnvironmentsPort.__abstractmethods__) == set(METHODS.values())


@pytest.mark.parametrize(("ask", "_answer"), ASKED, ids=lambda one: type(one).__name__)
def test_a_connection_that_the_settings_lack_is_named_and_no_environment_is_told_gone(
    ask, _answer
):
    port = EnvironmentsActivities(Connections("provisioner", {}), pace=object)

    with pytest.raises(Refused, match="provisioner cloudformation/preview") as refused:
        getattr(port, METHODS[type(ask).__name__])(ask)
    assert not isinstance(refused.value, TargetMissing)
