"""What is ruled on a release, as people and programs read it before the start."""

import json

import pytest

from infra.rego.process import RegoProcess
from starters.planning.measuring import Measured
from starters.planning.plan_document import plan_as_json
from starters.planning.plan_ruling import rollback_text, ruling_lines
from starters.planning.plan_view import plan_as_text
from starters.planning.preview import Preview
from tests.builders import a_release, a_service, an_order
from tests.starters.goldens import same_as
from tests.workflows.domain.rules.ruled import NOON, a_ruled_catalog, ruled
from workflows.domain.admission.admission import admit
from workflows.domain.admission.facts import Facts
from workflows.domain.canary.traffic import Traffic

RULES = """deny contains msg if {
	some stage in input.plan.stages
	stage.environment == input.environment
	some promotion in stage.promotions
	promotion.weights[0] > 5
	msg := sprintf("%s begins with %d %%: at most 5", [promotion.service, promotion.weights[0]])
}

warn contains "no ticket is named" if input.release.spec.change.ticket == null

require contains {"role": "product", "msg": "a service of the shop front"} if {
	some service in input.release.spec.services
	service.name == "checkout"
}"""
BUSY = Traffic(seconds=600.0, values={"requests": 132_000.0, "errors": 396.0})


def a_preview(*, unread=""):
    release = a_release(a_service("checkout"), environments=("staging", "production"))
    del release["spec"]["change"]["ticket"]
    order = an_order(release, a_ruled_catalog(RULES))
    admission = admit(order, Facts(at=NOON), RegoProcess())
    measured = {f"checkout@{name}": Measured(traffic=BUSY) for name in ("staging", "production")}
    return Preview(
        order=order,
        admission=admission,
        start="lockgate start release.yaml",
        measured=measured,
        unread=unread,
    )


def test_the_whole_plan_reads_so(write_golden):
    same_as("plan.txt", plan_as_text(a_preview()), write=write_golden)


def test_programs_read_the_same(write_golden):
    document = plan_as_json(a_preview())
    ruling = document.pop("ruling")
    found = json.dumps({**document, "findings": ruling["findings"]}, indent=2, ensure_ascii=False)

    same_as("plan.json", found, write=write_golden)
    assert ruling["changeClass"]["changeClass"] == "normal"
    assert ruling["risk"]["points"]


def test_what_was_not_assessed_is_named_and_no_digest_is_claimed(write_golden):
    same_as(
        "plan-offline.txt", plan_as_text(a_preview(unread="nobody was asked")), write=write_golden
    )
    assert plan_as_json(a_preview(unread="nobody was asked"))["decisionDigest"] is None


def test_a_ruling_without_anything_to_say_says_nothing():
    assert [*ruling_lines(admit(an_order()))] == []


def test_a_denial_is_told_with_its_rule():
    lines = [*ruling_lines(ruled('deny contains "no"').model_copy(update={"risk": None}))]

    assert "  denied        policy guarded denies production: no (rules/prod.rego:3)" in lines


def test_who_is_barred_stands_apart_from_the_label():
    admission = admit(an_order())
    barred = admission.model_copy(update={"duties": ("ben asked for this release",)})

    assert "  barred        ben asked for this release" in [*ruling_lines(barred)]


@pytest.mark.parametrize(
    ("migration", "words"),
    [("expand", "safe at every step"), ("contract", "safe until checkout is deployed")],
)
def test_rollback_is_safe_until_a_migration_takes_something_away(migration, words):
    service = {**a_service("checkout"), "migration": migration}

    assert rollback_text(an_order(a_release(service))).startswith(words)
