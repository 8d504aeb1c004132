import pytest

from activities.decisions.activities import DecisionsActivities
from infra.rego.process import RegoProcess
from tests.builders import an_order
from tests.workflows.domain.rules.ruled import NOON, a_ruled_order
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.errors import PolicyViolated
from workflows.ports.decisions import AdmitRelease


def decisions():
    return DecisionsActivities(RegoProcess())


def test_the_ruling_is_the_domains_with_the_digest_that_approvals_name():
    order, facts = an_order(), Facts(at=NOON)

    admission = decisions().admit_release(AdmitRelease(order=order, facts=facts))

    assert admission == admit(order, facts)


def test_rules_are_asked_by_the_workers_engine():
    ask = AdmitRelease(order=a_ruled_order('deny contains "no"'), facts=Facts(at=NOON))

    assert len(decisions().admit_release(ask).denials) == 1


def test_an_order_that_comes_without_facts_does_not_come_around_the_rules():
    ask = AdmitRelease(order=a_ruled_order('deny contains "no"'))

    assert len(decisions().admit_release(ask).denials) == 1


def test_a_front_door_that_misstates_a_digest_is_refused():
    order = an_order().model_copy(update={"manifest_digest": f"sha256:{'0' * 64}"})

    with pytest.raises(PolicyViolated):
        decisions().admit_release(AdmitRelease(order=order))
