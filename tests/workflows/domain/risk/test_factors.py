import pytest

from tests.builders import build_of
from tests.workflows.domain.risk.worlds import a_source, documents, facts, hot, on_call
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.figures import (
    ProvenanceFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.risk.factors import factors_of
from workflows.domain.risk.facts import (
    ChangeFacts,
    LineCoverage,
    OnCallFacts,
    PathClass,
    Shipped,
    Standing,
    TroubledFile,
    Unknown,
)
from workflows.domain.values import digest_of


def told(read=None, **more):
    return factors_of(*documents(**more), read or facts())


def standing(**changed):
    return Standing(pattern=digest_of("no pattern"), **changed)


def change(*sources, unknown=()):
    return ChangeFacts(sources=sources, unknown=unknown)


def test_where_everything_is_known_nothing_is_missing():
    found = told()

    assert found.unknown == ()
    assert found.churn == (hot(),)
    assert found.coverage == LineCoverage(lines=10, covered=10)
    assert found.concurrent == ()


def test_where_nothing_was_read_everything_is_named():
    found = told(Facts(at=facts().at))

    assert [str(one) for one in found.unknown] == [
        "churn of ledger: the release names no source for it",
        "coverage of ledger: the release names no source for it",
        "on-call of ledger: its Service names no onCall",
        "releases at the same time: the ledger was not asked",
    ]
    assert (found.churn, found.coverage, found.on_call, found.concurrent) == (None,) * 4


def test_why_it_could_not_be_read_is_kept():
    gone = Unknown(what="ledger", why="its repository has no commit abc")
    found = told(facts(change=change(unknown=(gone,)), on_call=OnCallFacts(unknown=(gone,))))

    assert {one.why for one in found.unknown} == {"its repository has no commit abc"}


def test_one_service_of_which_nobody_knows_hides_what_is_known_of_another():
    two = ({"name": "ledger"}, {"name": "cards"})
    found = told(services=two)

    assert found.churn is None
    assert found.on_call is None
    assert {one.what for one in found.unknown} == {
        "churn of cards",
        "coverage of cards",
        "on-call of cards",
    }


def test_code_without_a_report_is_of_unknown_coverage():
    found = told(facts(change=change(a_source(coverage=None))))

    assert found.coverage is None
    assert found.unknown[0].why == "no coverage report is attested for it"


def test_what_tests_cannot_run_needs_no_report():
    found = told(facts(change=change(a_source(coverage=None, classes=(PathClass.DOCS,)))))

    assert found.coverage == LineCoverage(lines=0, covered=0)
    assert found.unknown == ()


def test_a_change_that_is_told_from_another_commit_than_was_shipped_is_not_believed():
    """Or else an author would choose a base that leaves out what they would rather not tell."""
    shipped = (Shipped(service="ledger", head="c" * 40),)
    found = told(facts(standing=standing(shipped=shipped)))

    assert found.churn is None
    assert found.unknown[0].why == (
        "the change is told from aaaaaaaaaaaa, but cccccccccccc was shipped"
    )


def test_a_change_from_what_was_shipped_is():
    shipped = (Shipped(service="ledger", head="a" * 40), Shipped(service="cards", head="d" * 40))

    assert told(facts(standing=standing(shipped=shipped))).unknown == ()


def test_releases_that_were_turned_back_heat_the_files_they_touched():
    troubled = (
        TroubledFile(service="ledger", path="ledger/posting.py", incidents=2),
        TroubledFile(service="ledger", path="ledger/api.py", incidents=9),
        TroubledFile(service="cards", path="ledger/posting.py", incidents=9),
    )
    source = a_source(hot=(hot(incidents=1), hot("ledger/cold.py")))
    found = told(facts(change=change(source), standing=standing(troubled=troubled)))

    assert found.churn == (hot(incidents=3), hot("ledger/cold.py"))


def test_lines_of_all_services_are_counted_together():
    two = ({"name": "ledger"}, {"name": "cards"})
    cards = a_source("cards", coverage=LineCoverage(lines=90, covered=0))
    read = facts(
        change=change(a_source(), cards),
        on_call=OnCallFacts(on_call=(on_call(), on_call("cards"))),
    )

    assert told(read, services=two).coverage == LineCoverage(lines=100, covered=10)


def test_who_calls_a_released_service_is_found_through_others():
    callers = {
        "services": {"web": {"dependencies": ["cards"]}, "cards": {"dependencies": ["ledger"]}}
    }

    assert told(catalog=callers).dependants == ("cards", "web")


@pytest.mark.parametrize("kind", ["none", "expand", "backfill", "contract"])
def test_a_migration_is_what_the_release_says(kind):
    found = told(services=({"name": "ledger", "migration": kind},)).migration

    assert found.kind == kind


def test_the_worst_of_several_counts():
    named = ({"name": "ledger", "migration": "backfill"}, {"name": "cards", "migration": "expand"})

    assert told(services=named).migration.kind == "backfill"
    assert told(services=named).migration.because == "ledger says so"


def test_a_schema_that_is_touched_while_nothing_is_said_counts_as_the_worst():
    source = a_source(schema_paths=("db/0142.sql",))
    found = told(facts(change=change(source))).migration

    assert found.kind == "contract"
    assert found.because == "ledger touches db/0142.sql and says nothing of it"


def test_what_is_said_of_a_touched_schema_is_believed():
    """A reviewer can hold it against the file; the class of the file alone tells no more."""
    source = a_source(schema_paths=("db/0142.sql",))
    named = ({"name": "ledger", "migration": "expand"},)

    assert told(facts(change=change(source)), services=named).migration.kind == "expand"


def test_the_hour_is_read_from_the_wall_of_the_helpers():
    assert str(told().hour("UTC")) == "Tue 12:00"
    assert str(told().hour("Pacific/Auckland")) == "Wed 01:00"


def provenance(*commits, keys=(), flaw="", build=None):
    figures = ProvenanceFigures(
        builder_id="ci", build_type="b", parameters={}, sources=(), commits=commits
    )
    return Attestation(
        artifact=build or build_of("ledger", "v2"),
        type=EvidenceType.PROVENANCE,
        digest=digest_of(f"{commits} {keys}"),
        at=facts().at,
        size=1,
        added_by="ci",
        keys=keys,
        flaw=flaw,
        figures=None if flaw else figures,
    )


def test_a_head_that_is_not_what_was_built_is_not_believed():
    """Or else an author would name a harmless commit, and ship another one."""
    found = told(facts(attestations=(provenance("c" * 40),)))

    assert found.churn is None
    assert found.unknown[0].why == "bbbbbbbbbbbb is named, but cccccccccccc was built"


@pytest.mark.parametrize(
    "attestations",
    [
        (provenance("b" * 40),),
        (provenance("c" * 40, "b" * 40),),
        (provenance("b" * 40, keys=("ci",)), provenance("c" * 40)),
        (provenance("c" * 40, flaw="forged"),),
        (provenance("c" * 40, build=digest_of("another")),),
        (provenance(),),
    ],
    ids=["that one", "among others", "trusted", "forged", "another build", "names none"],
)
def test_a_head_that_provenance_does_not_contradict_is(attestations):
    assert told(facts(attestations=attestations)).unknown == ()
