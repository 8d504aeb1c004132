import pytest

from tests.workflows.domain.risk.worlds import a_source, documents
from workflows.domain.risk.facts import ChangeFacts, PathClass
from workflows.domain.risk.pattern import pattern_of

CODE = ChangeFacts(sources=(a_source(),))


def pattern(change=CODE, **more):
    return pattern_of(*documents(**more), change)


def test_versions_and_commits_do_not_make_another_pattern():
    later = ChangeFacts(sources=(a_source(base="b" * 40, head="c" * 40, commits=9),))
    newer = pattern(later, services=({"name": "ledger", "version": "v9"},))

    assert newer.digest == pattern().digest


@pytest.mark.parametrize(
    "other",
    [
        {"services": ({"name": "cards"}, {"name": "ledger"})},
        {"services": ({"name": "ledger", "migration": "expand"},)},
        {"change": ChangeFacts(sources=(a_source(classes=(PathClass.DEPENDENCIES,)),))},
        {"change": ChangeFacts(sources=(a_source(classes=(PathClass.CODE, PathClass.DOCS)),))},
        {"change": ChangeFacts()},
        {"change": None},
    ],
    ids=["services", "migration", "files", "more files", "no source", "no facts"],
)
def test_what_makes_a_change_another_kind_of_change_makes_another_pattern(other):
    assert pattern(**other).digest != pattern().digest


def test_another_strategy_or_route_is_another_pattern():
    release, catalog = documents()
    stop = release.environments[0]
    catalog.strategies["fast"] = catalog.strategies["canary"]
    faster = release.model_copy(
        update={"environments": (stop.model_copy(update={"strategy_ref": "fast"}),)}
    )

    assert pattern_of(faster, catalog, CODE).digest != pattern_of(release, catalog, CODE).digest


def test_a_pattern_of_which_nobody_saw_the_files_is_not_known():
    assert pattern().known
    assert not pattern(ChangeFacts()).known
    assert not pattern(services=({"name": "ledger"}, {"name": "cards"})).known


def test_it_reads_as_a_sentence():
    named = ({"name": "ledger", "migration": "expand"},)

    assert str(pattern(services=named)) == "ledger:code, ledger:expand by production:canary"
