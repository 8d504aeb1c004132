from tests.builders import a_catalog
from workflows.domain.spec import Catalog
from workflows.domain.traffic.dependencies import MOST, dependants


def calling(**called):
    """Services by what each of them calls."""
    catalog = Catalog.model_validate(a_catalog(services=tuple(called)))
    return {
        name: catalog.services[name].model_copy(update={"dependencies": tuple(others)})
        for name, others in called.items()
    }


def test_callers_are_found_through_others_nearest_first():
    services = calling(web=["cart"], cart=["pay"], ops=["pay"], pay=[], lone=[])

    assert dependants(["pay"], services) == ("cart", "ops", "web")


def test_a_circle_ends():
    services = calling(a=["b"], b=["c"], c=["a"])

    assert dependants(["a"], services) == ("c", "b")


def test_what_is_released_with_it_does_not_depend_on_it_twice():
    services = calling(web=["cart"], cart=["pay"], pay=[])

    assert dependants(["pay", "cart"], services) == ("web",)


def test_so_many_are_told_and_no_more():
    services = calling(pay=[], **{f"s{n}": ["pay"] for n in range(MOST + 5)})

    assert len(dependants(["pay"], services)) == MOST
