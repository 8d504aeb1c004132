"""Accounts and what they did; the humans behind them are told in test_guarding.py."""

from tests.builders import a_catalog, an_order
from tests.workflows.domain.facts_of import a_change, a_provenance, facts_of
from workflows.domain.admission import admit
from workflows.domain.duties import Duty
from workflows.domain.holdings import gaps, holdings
from workflows.domain.risk.facts import ChangeFacts, Unknown
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


def test_what_could_not_be_read_is_a_gap():
    change = ChangeFacts(unknown=(Unknown(what="change of checkout", why="no such commit"),))

    assert [gap.why for gap in gaps(facts_of(change=change))] == [
        "change of checkout: no such commit"
    ]
    assert gaps(facts_of()) == gaps(None) == ()
