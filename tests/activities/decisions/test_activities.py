import pytest

from activities.decisions.activities import DecisionsActivities
from tests.builders import an_order
from workflows.domain.admission import admit
from workflows.domain.errors import PolicyViolated
from workflows.ports.decisions import AdmitRelease


def test_the_ruling_is_the_domains_with_the_digest_that_approvals_name():
    order = an_order()

    admission = DecisionsActivities().admit_release(AdmitRelease(order=order))

    assert admission == admit(order)


def test_a_front_door_that_misstates_a_digest_is_refused():
    order = an_order().model_copy(update={"manifest_digest": f"sha256:{'0' * 64}"})

    with pytest.raises(PolicyViolated):
        DecisionsActivities().admit_release(AdmitRelease(order=order))
