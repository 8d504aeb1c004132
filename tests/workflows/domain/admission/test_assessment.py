from tests.workflows.domain.risk.worlds import a_source, documents, facts
from workflows.domain.admission.assessment import assess
from workflows.domain.admission.change import ChangeClass
from workflows.domain.admission.facts import Facts
from workflows.domain.risk.facts import ChangeFacts, Standing, Tally
from workflows.domain.risk.pattern import pattern_of
from workflows.domain.risk.score import GatingLevel

PROVEN = tuple(Tally(score=n, kept=20 - n // 5, failed=n // 5) for n in range(0, 100, 10))


def test_facts_of_a_calm_release_with_its_runs_behind_it_make_it_standard():
    release, catalog = documents()
    change = ChangeFacts(sources=(a_source(),))
    digest = pattern_of(release, catalog, change).digest
    standing = Standing(pattern=digest, clean_runs=5, tally=PROVEN)

    found = assess(release, catalog, facts(change=change, standing=standing))

    assert found.pattern.digest == digest == found.change_class.pattern
    assert found.risk.calibration.holds
    assert found.change_class.change_class is ChangeClass.STANDARD


def test_without_any_fact_it_is_normal_and_of_a_risk_that_decides_nothing():
    release, catalog = documents()

    found = assess(release, catalog, Facts(at=facts().at))

    assert found.change_class.change_class is ChangeClass.NORMAL
    assert found.risk.gating_level is GatingLevel.UNASSESSED
    assert found.risk.level == "high"


def test_the_catalogs_own_model_counts():
    release, catalog = documents(catalog={"riskModels": {}})
    heavier = catalog.risk_model.model_copy(update={"base": 50.0})
    catalog = catalog.model_copy(update={"risk_models": {"ours": heavier}})

    assert assess(release, catalog, facts()).risk.points[0].points == 50


def test_the_same_facts_give_the_same_ruling():
    release, catalog = documents()
    read = facts()
    again = Facts.model_validate_json(read.model_dump_json())

    assert assess(release, catalog, again) == assess(release, catalog, read)
