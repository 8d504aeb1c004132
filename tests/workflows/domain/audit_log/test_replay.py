"""A ruling made again: the same, another, or none that can be read."""

import pytest

from tests.packs import NoRules, a_ruling
from workflows.domain.audit_log.replay import Outcome, replay

RULING = a_ruling()


@pytest.fixture
def recorded():
    return RULING.model_dump(mode="json")


def test_a_ruling_comes_out_as_it_did(recorded):
    again = replay(recorded, NoRules())

    assert (again.outcome, again.differences, again.recorded) == (Outcome.SAME, (), "admitted")
    assert again.digest == RULING.digest


def test_another_answer_than_the_recorded_one_is_told_with_its_place(recorded):
    recorded["admission"]["plan"]["stages"][0]["environment"] = "elsewhere"
    recorded["admission"]["decision_digest"] = "sha256:" + "0" * 64

    again = replay(recorded, NoRules())

    assert again.outcome is Outcome.DIFFERS
    assert any(
        "admission.plan.stages[0].environment: 'elsewhere' then" in d for d in again.differences
    )
    assert any("admission.decision_digest" in d for d in again.differences)


def test_an_order_that_is_refused_now_says_why(recorded):
    recorded["order"]["catalog_digest"] = "sha256:" + "0" * 64

    again = replay(recorded, NoRules())

    assert again.outcome is Outcome.DIFFERS
    assert "it is refused now: catalog digest" in again.differences[0]


def test_what_this_build_has_learnt_to_say_since_is_no_difference(recorded):
    del recorded["admission"]["remarks"]

    assert replay(recorded, NoRules()).outcome is Outcome.SAME


def test_what_this_build_no_longer_knows_is_one(recorded):
    recorded["admission"]["forgotten"] = 1

    assert (
        "admission.forgotten: this build does not know it"
        in replay(recorded, NoRules()).differences
    )


def test_what_is_no_ruling_is_unreadable(recorded):
    del recorded["facts"]

    again = replay(recorded, NoRules())

    assert (again.outcome, again.differences) == (Outcome.UNREADABLE, ("facts: Field required",))
