from datetime import timedelta

import pytest

from starters.planning.measuring import Measured
from starters.planning.preview import Preview, criticality, expected_alerts, voters
from tests.builders import a_catalog, a_release, a_service, an_order, analysis
from workflows.domain.admission.admission import admit


def preview_of(*steps, measured=None, **catalog):
    release = a_release(a_service("checkout"), environments=("production",))
    order = an_order(release, a_catalog(steps=(*steps, {"setWeight": 100}), **catalog))
    return Preview(order=order, admission=admit(order), start="x", measured=measured or {})


def test_a_gate_may_stay_open_until_it_expires():
    assert preview_of(gated=True, expire_after="1h").longest == timedelta(hours=1)


def test_a_first_version_takes_no_time_for_steps():
    first = {"checkout@production": Measured(first=True)}

    preview = preview_of({"setWeight": 5}, analysis("10m"), measured=first)

    assert (preview.shortest, preview.longest) == (timedelta(0), timedelta(0))


def test_who_asks_never_votes():
    gate = preview_of(gated=True).plan.stages[0].gate

    assert voters(gate, "sre", "ana") == ["ben"]


@pytest.mark.parametrize(("steps", "tier"), [((), None), ((analysis(),), "normal")])
def test_only_what_compares_has_a_criticality(steps, tier):
    (promotion,) = preview_of({"setWeight": 5}, *steps).plan.promotions

    assert criticality(promotion) == tier
    assert expected_alerts(promotion) == ()
