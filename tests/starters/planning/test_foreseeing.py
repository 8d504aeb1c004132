"""A plan never fails for want of a worker: it says what it does not know."""

from starters.failures import NobodyAnswers
from starters.planning import foreseeing
from starters.planning.foreseeing import NOBODY_ASKED, foresee
from tests.builders import an_order
from tests.workflows.domain.rules.ruled import a_ruled_order


def test_nobody_is_asked_unless_that_is_wanted(monkeypatch):
    monkeypatch.setattr(foreseeing, "converse", None)

    assert foresee(an_order(), ask=False).unread == NOBODY_ASKED


def test_without_a_server_the_documents_and_their_rules_are_ruled_on(monkeypatch):
    def away(_work):
        raise NobodyAnswers("Temporal does not answer")

    monkeypatch.setattr(foreseeing, "converse", away)

    found = foresee(a_ruled_order('deny contains "not today"'))

    assert found.unread == "Temporal does not answer"
    assert "not today" in found.admission.denials[0]


def test_documents_that_are_refused_are_told():
    order = an_order().model_copy(update={"catalog_digest": f"sha256:{'0' * 64}"})

    assert foresee(order, ask=False).refused.startswith("catalog digest")
