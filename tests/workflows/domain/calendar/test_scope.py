import pytest

from workflows.domain.calendar.scope import Place, Scope

HERE = Place(
    org="acme",
    region="eu-west",
    teams=("shop", "platform"),
    service="pay",
    environment="production",
    labels={"compliance": "sox"},
)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(orgs=("acme",)),
        Scope(regions=("us-east", "eu-west")),
        Scope(teams=("platform",)),
        Scope(services=("pay",), environments=("production",)),
    ],
    ids=str,
)
def test_it_is_within_what_names_it(scope):
    assert HERE.within(scope)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(orgs=("other",)),
        Scope(regions=("us-east",)),
        Scope(teams=("search",)),
        Scope(services=("pay",), environments=("staging",)),
    ],
    ids=str,
)
def test_one_list_that_does_not_fit_is_enough(scope):
    assert not HERE.within(scope)


def test_a_place_without_a_region_is_in_none():
    assert not Place(service="pay", environment="dev").within(Scope(regions=("eu-west",)))


def test_labels_pick_releases():
    assert HERE.within(Scope(), {"compliance": "sox"})
    assert not HERE.within(Scope(), {"compliance": "pci"})


def test_a_scope_says_what_it_is_about():
    assert str(Scope()) == "everything"
    assert str(Scope(regions=("eu-west",), teams=("a", "b"))) == "regions eu-west; teams a, b"
