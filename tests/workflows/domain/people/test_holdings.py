"""Accounts and what they did; the humans behind them are told in test_guarding.py."""

from tests.builders import a_catalog, an_order, build_of
from tests.workflows.domain.facts_of import a_change, a_provenance, facts_of
from workflows.domain.admission.admission import admit
from workflows.domain.people.duties import Duty
from workflows.domain.people.holdings import gaps, holdings
from workflows.domain.risk.facts import ChangeFacts, Shipped, Standing, Unknown
from workflows.domain.spec import Catalog

ORDER = an_order(requested_by="carl")
PLAN = admit(ORDER).plan
CATALOG = Catalog.model_validate(a_catalog())


def held(facts):
    found = holdings(ORDER, PLAN, CATALOG, facts)
    return [(each.duty, str(each.account)) for each in found]


def test_who_asked_is_whom_the_token_proved_or_else_what_the_order_says():
    assert held(None) == [(Duty.TRIGGER, "carl")]
    assert held(facts_of("ana")) == [(Duty.TRIGGER, "ana")]


def test_each_author_is_told_once_with_what_they_wrote():
    change = ChangeFacts(sources=(a_change("ben@acme.example"), a_change("ben@acme.example")))

    assert held(facts_of("ana", change=change))[1:] == [(Duty.AUTHOR, "git:ben@acme.example")]


def test_the_builder_is_whom_the_provenance_of_a_build_names():
    facts = facts_of("ana", attestations=(a_provenance("https://builder.test/ben"),))

    assert held(facts)[1:] == [(Duty.BUILDER, "build:https://builder.test/ben")]


BUILDS = {"checkout": build_of("checkout", "v2")}


def untold(builds=BUILDS, **facts):
    return [gap.why for gap in gaps(facts_of(**facts), builds)]


def test_what_could_not_be_read_is_a_gap():
    change = ChangeFacts(unknown=(Unknown(what="change of checkout", why="no such commit"),))

    assert untold(change=change) == ["change of checkout: no such commit"]
    assert untold() == []
    assert gaps(None, BUILDS) == ()


def test_a_range_that_begins_after_what_was_shipped_hides_authors():
    change = ChangeFacts(sources=(a_change("ben@acme.example"),))
    standing = Standing(
        pattern=build_of("pattern", "1"), shipped=(Shipped(service="checkout", head="c" * 40),)
    )

    assert untold(change=change, standing=standing) == [
        "checkout: the change is told from aaaaaaaaaaaa, but cccccccccccc was shipped"
    ]


def test_a_head_that_was_not_built_tells_other_authors():
    provenance = a_provenance("https://builder.test/1")
    figures = provenance.figures.model_copy(update={"commits": ("d" * 40,)})
    built = provenance.model_copy(update={"figures": figures})
    change = ChangeFacts(sources=(a_change("ben@acme.example"),))

    assert untold(change=change, attestations=(built,)) == [
        "checkout: bbbbbbbbbbbb is named, but dddddddddddd was built"
    ]


def test_an_empty_range_tells_nobody():
    empty = a_change("ben@acme.example").model_copy(update={"authors": (), "commits": 0})

    assert untold(change=ChangeFacts(sources=(empty,))) == [
        "no commit of checkout lies between aaaaaaaaaaaa and its head"
    ]


def test_a_service_without_source_is_not_covered_by_the_authors_of_another():
    change = ChangeFacts(sources=(a_change("ben@acme.example"),))

    assert untold({**BUILDS, "cards": build_of("cards", "v2")}, change=change) == [
        "the release names no source for cards"
    ]
