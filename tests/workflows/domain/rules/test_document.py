"""The document that rules see as `input`."""

from datetime import timedelta

from tests.builders import a_catalog, a_release, an_order
from tests.environments import a_catalog_for_releases
from tests.workflows.domain.rules.ruled import NOON
from workflows.domain.admission.admission import admit
from workflows.domain.admission.assessment import assess
from workflows.domain.admission.facts import Facts
from workflows.domain.rules.document import as_document
from workflows.domain.rules.ruling import Known, seen
from workflows.domain.spec import Catalog, Release
from workflows.domain.values import Value


def a_document(order=None):
    order = order or an_order(catalog=a_catalog(gated=True))
    release = Release.model_validate(order.release)
    catalog = Catalog.model_validate(order.catalog)
    facts = Facts(at=NOON)
    assessed = assess(release.spec, catalog, facts)
    plan = admit(order).plan
    known = Known(facts=facts, change_class=assessed.change_class, risk=assessed.risk)
    found = seen(order, release, catalog, plan, known)
    return found.model_copy(update={"environment": "production"})


def test_it_holds_what_is_released_how_and_by_what_is_known():
    seen = as_document(a_document())

    assert seen["requestedBy"] == "carl"
    assert seen["at"] == "2026-03-02T12:00:00Z"
    assert seen["release"]["spec"]["rollback"]["harmBudget"] is None, "defaults are filled in"
    assert seen["catalog"]["services"]["checkout"]["criticality"] == "normal"
    assert seen["facts"]["at"] == seen["at"]


def test_the_plan_is_told_by_what_it_does():
    (stage,) = as_document(a_document())["plan"]["stages"]

    assert stage["gate"] == {"needs": [{"role": "sre", "count": 1}], "openForSeconds": 3600.0}
    (promotion,) = stage["promotions"]
    assert promotion["weights"] == [10, 50, 100]
    assert promotion["metrics"] == ["error-rate"]
    assert promotion["watchedSeconds"] == 3600.0
    assert promotion["waitsForPeople"] is False


class Inner(Value):
    per_hour: float
    names: dict[str, timedelta]


class Outer(Value):
    all_of_it: tuple[Inner, ...]


def test_fields_are_in_camel_case_and_content_stays_as_it_is():
    found = Outer(all_of_it=(Inner(per_hour=2, names={"snake_case": timedelta(hours=1)}),))

    assert as_document(found) == {"allOfIt": [{"perHour": 2.0, "names": {"snake_case": "PT1H"}}]}


def test_rules_see_which_environments_are_created_for_the_release():
    release = a_release(environments=("preview", "production"))

    preview, production = as_document(
        a_document(an_order(release, a_catalog_for_releases(gated=True)))
    )["plan"]["stages"]

    assert (preview["createdFrom"], production["createdFrom"]) == ("preview", None)
