from datetime import timedelta

from tests.builders import CANARY, a_catalog, a_release, a_service, an_order, analysis
from workflows.domain.admission.admission import admit
from workflows.domain.calendar.lengths import (
    INSTALL,
    STEP,
    promotion_length,
    stage_length,
    unknown_waits,
)


def stage_of(*steps, services=("checkout",)):
    release = a_release(*[a_service(name) for name in services])
    (stage,) = admit(an_order(release, a_catalog(steps=steps))).plan.stages
    return stage


def test_it_is_the_steps_their_watches_and_what_an_installation_takes():
    stage = stage_of(*CANARY, {"bake": {"duration": "1h"}})

    assert stage_length(stage) == 7 * STEP + timedelta(minutes=120) + INSTALL


def test_services_go_one_after_the_other():
    one, two = stage_of(*CANARY), stage_of(*CANARY, services=("checkout", "payments"))

    assert stage_length(two) == 2 * stage_length(one)


def test_an_analysis_of_unknown_length_counts_as_long_as_it_may_take():
    auto = {"analysis": {"templates": [{"templateName": "golden"}], "maxDuration": "2h"}}
    stage = stage_of({"setWeight": 10}, auto, {"setWeight": 100})

    assert stage_length(stage) == 3 * STEP + timedelta(hours=2) + INSTALL


def test_what_is_done_counts_no_more():
    (promotion,) = stage_of(*CANARY).promotions

    assert promotion_length(promotion, after=3) == 3 * STEP + timedelta(minutes=30)


def test_a_wait_for_a_person_counts_as_nothing_and_is_named():
    steps = ({"setWeight": 10}, {"pause": {}}, analysis(), {"setWeight": 100})
    stage = stage_of(*steps)

    assert stage_length(stage) == 4 * STEP + timedelta(minutes=30) + INSTALL
    assert list(unknown_waits(stage)) == ["checkout@production step 2: pause until promoted"]
