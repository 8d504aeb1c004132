"""Whose an environment is, and what that means for a release that wants its name."""

from datetime import UTC, datetime

import pytest

from tests.environments import (
    a_catalog_for_releases,
    an_environment_plan,
    an_environment_view,
)
from workflows.domain.environments.binding import is_made_for, occupied, uncreatable
from workflows.domain.environments.lease import is_ending
from workflows.domain.environments.view import EnvironmentPhase, Removal
from workflows.domain.spec import Catalog

PLAN = an_environment_plan()
RELEASE = "release/shop/1"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def a_view(**changes):
    return an_environment_view("preview", plan_digest=PLAN.digest, **changes)


def test_only_its_own_release_goes_on_with_it_and_only_by_the_same_plan():
    ours = a_view(release=RELEASE)
    larger = an_environment_plan(chosen={"Size": "large"})

    assert is_made_for(ours, RELEASE, plan=PLAN.digest)
    assert not is_made_for(ours, "release/shop/2", plan=PLAN.digest)
    assert not is_made_for(ours, RELEASE, plan=larger.digest)
    assert not is_made_for(a_view(), RELEASE, plan=PLAN.digest)


@pytest.mark.parametrize("phase", EnvironmentPhase)
def test_one_that_ends_is_no_longer_the_one_that_was_made_for_it(phase):
    view = a_view(release=RELEASE).model_copy(update={"phase": phase})

    assert is_made_for(view, RELEASE, plan=PLAN.digest) is not is_ending(view)


def test_a_release_is_waited_for_and_a_person_is_told_how_to_make_room():
    theirs = occupied("preview", a_view(release="release/other/1"), gate="vacancy")
    anas = occupied("preview", a_view(expires_at=NOON), gate="vacancy")

    assert theirs.gate == "vacancy of preview"
    assert theirs.can_be_cleared_by == ("the end of release/other/1",)
    assert anas.reason == "preview lives for ana until 2026-11-10 12:00Z: try the new checkout"
    assert anas.can_be_cleared_by == ("ana: lockgate env teardown preview --reason …",)
    assert anas.clears_at == NOON


def test_what_is_being_torn_down_says_what_is_left():
    removal = Removal(reason="over", by="ana", problem="1 bucket is left")
    view = a_view(removal=removal)
    going = view.model_copy(update={"phase": EnvironmentPhase.TEARDOWN_INCOMPLETE})

    assert occupied("preview", going, gate="vacancy").reason == (
        "preview is still being torn down: 1 bucket is left"
    )


def test_what_does_not_answer_is_not_free():
    assert "does not say for whom" in occupied("preview", None, gate="vacancy").reason


def test_no_stack_could_have_a_name_with_a_dot():
    catalog = Catalog.model_validate(a_catalog_for_releases())
    dotted = {"preview.v2": catalog.environments["preview"]}
    catalog = catalog.model_copy(update={"environments": {**catalog.environments, **dotted}})

    assert list(uncreatable("preview", catalog)) == []
    (problem,) = uncreatable("preview.v2", catalog)
    assert problem.startswith("environments.preview.v2: createdFrom: 'preview.v2' has a dot")
