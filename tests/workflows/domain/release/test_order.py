from tests.builders import a_catalog, an_order, build_of
from tests.workflows.domain.facts_of import facts_of

ORDER = an_order()


def test_a_token_for_an_order_stands_for_these_documents_and_this_release():
    said = ORDER.statement("release/shop/abc").nonce
    other = an_order(catalog=a_catalog(gated=True))

    assert other.statement("release/shop/abc").nonce != said
    assert ORDER.statement("release/shop/def").nonce != said
    moved = ORDER.model_copy(update={"manifest_digest": build_of("x", "1")})
    assert moved.statement("release/shop/abc").nonce != said


def test_an_order_does_not_show_its_token_and_is_kept_without_it():
    order = ORDER.model_copy(update={"proof": "a.b.c"})

    assert "a.b.c" not in repr(order)
    assert order.without_proof() == ORDER


def test_whom_the_token_proved_asks():
    assert ORDER.asked_by(facts_of("ana").trigger).requested_by == "ana"
