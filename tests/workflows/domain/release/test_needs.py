from tests.builders import a_catalog, a_release, a_service
from tests.environments import a_catalog_for_releases
from workflows.domain.release.needs import needed
from workflows.domain.release.planning import compile_plan
from workflows.domain.spec import Catalog, Release


def read(release, catalog):
    return Release.model_validate(release).spec, Catalog.model_validate(catalog)


def test_only_what_the_release_leads_to_is_taken():
    release, catalog = read(
        a_release(a_service("checkout"), environments=("production",)), a_catalog(gated=True)
    )

    part = needed(release, catalog)

    assert set(part.services) == {"checkout"}
    assert set(part.environments) == {"production"}
    assert set(part.strategies) == {"canary"}
    assert set(part.analysis_templates) == {"golden"}
    assert set(part.policies) == {"guarded"}
    assert set(part.people) == {"ana", "ben", "eve"}


def test_a_release_that_nobody_has_to_approve_takes_no_people():
    release, catalog = read(a_release(), a_catalog())

    assert not needed(release, catalog).people


def test_the_plan_is_the_same_from_the_part_as_from_the_whole():
    release, catalog = read(
        a_release(a_service("checkout"), environments=("staging", "production")),
        a_catalog(gated=True),
    )

    from_part = compile_plan("shop", release, needed(release, catalog))

    assert from_part == compile_plan("shop", release, catalog)


def test_the_strategy_that_the_release_names_is_taken_instead_of_the_environments():
    document = a_release()
    document["spec"]["environments"] = [{"name": "production", "strategyRef": "direct"}]
    beside = a_catalog()
    beside["strategies"]["direct"] = {"steps": [{"setWeight": 100}]}

    part = needed(*read(document, beside))

    assert set(part.strategies) == {"direct"}
    assert not part.analysis_templates


def test_the_journeys_of_its_strategies_are_taken_and_no_others():
    beside = a_catalog(steps=({"synthetic": {"journeys": ["buy"]}}, {"setWeight": 100}))
    beside["strategies"]["other"] = {
        "steps": [{"synthetic": {"journeys": ["sell"]}}, {"setWeight": 100}]
    }
    journey = {
        "service": "checkout",
        "steps": [{"name": "a", "request": {"path": "/"}, "expect": {"status": 200}}],
    }
    beside["journeys"] = {"buy": journey, "sell": journey}

    assert set(needed(*read(a_release(), beside)).journeys) == {"buy"}


def test_the_templates_of_a_bake_are_taken():
    bake = {"duration": "1h", "templates": [{"templateName": "golden"}]}
    beside = a_catalog(steps=({"setWeight": 100}, {"bake": bake}))

    assert set(needed(*read(a_release(), beside)).analysis_templates) == {"golden"}


def test_who_calls_a_released_service_is_taken_with_it():
    """Or else nobody could tell how many the change may break."""
    beside = a_catalog()
    beside["services"]["payments"]["dependencies"] = ["checkout"]
    release, catalog = read(a_release(a_service("checkout")), beside)

    assert set(needed(release, catalog).services) == {"checkout", "payments"}


def test_the_risk_model_is_taken():
    release, catalog = read(a_release(), {**a_catalog(), "riskModels": {"ours": {"base": 20}}})

    assert needed(release, catalog).risk_model.base == 20


def test_whom_an_account_may_lead_to_is_taken_where_a_policy_guards():
    """Who asks for a release, or wrote it, need hold no role that approves it."""
    known = a_catalog(gated=True)
    known["people"]["zoe"] = {"roles": ["development"], "accounts": {"git": ["zoe@shop.example"]}}
    known["people"]["kim"] = {"roles": ["development"]}
    release, catalog = read(a_release(), known)

    assert set(needed(release, catalog).people) == {"ana", "ben", "eve", "zoe"}


def test_the_template_of_an_environment_is_taken_with_its_text():
    beside = a_catalog_for_releases()

    preview = needed(*read(a_release(environments=("preview",)), beside))
    production = needed(*read(a_release(environments=("production",)), beside))

    assert set(preview.environment_templates) == {"preview"}
    assert set(preview.files) == {"templates/preview.yaml"}
    assert (production.environment_templates, production.files) == ({}, {})


def people_without_accounts(**policy):
    """A guarded production, and people whom nothing but what the policy says makes needed."""
    known = a_catalog(gated=True, policy=policy)
    known["people"] = {
        name: {"roles": [role]}
        for name, role in (("ana", "sre"), ("eve", "product"), ("zoe", "audit"))
    }
    return known


def test_whoever_holds_a_role_that_approves_is_taken():
    assert set(needed(*read(a_release(), people_without_accounts())).people) == {"ana"}


def test_whoever_is_told_of_a_wait_by_name_is_taken():
    gate = {"name": "tests", "escalateTo": [{"person": "zoe", "after": "1h"}]}

    part = needed(*read(a_release(), people_without_accounts(gates=[gate])))

    assert set(part.people) == {"ana", "zoe"}


def test_everybody_is_taken_where_rego_may_ask_for_any_role():
    known = people_without_accounts(rules={"files": ["rules.rego"]})
    known["files"] = {"rules.rego": "package lockgate"}

    assert set(needed(*read(a_release(), known)).people) == {"ana", "eve", "zoe"}


def test_everybody_is_taken_where_anybody_may_review_the_runbook():
    release = a_release()
    release["spec"]["rollback"] = {"runbookRef": "take-back"}
    known = people_without_accounts()

    assert set(needed(*read(release, known)).people) == {"ana", "eve", "zoe"}


def test_whoever_may_set_a_window_of_it_aside_is_taken():
    known = people_without_accounts()
    known["changeWindows"] = {
        "year-end": {
            "dtstart": "20261220T000000Z",
            "duration": "3d",
            "override": {"roles": ["audit"]},
        }
    }

    assert set(needed(*read(a_release(), known)).people) == {"ana", "zoe"}


def test_whoever_can_be_told_of_an_environment_of_it_is_taken():
    beside = a_catalog_for_releases()
    beside["people"] = {
        "carl": {"roles": ["development"], "email": "carl@shop.test"},
        "kim": {"roles": ["development"]},
    }

    assert set(needed(*read(a_release(environments=("preview",)), beside)).people) == {"carl"}
    assert not needed(*read(a_release(environments=("production",)), beside)).people
