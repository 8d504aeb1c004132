import pytest

from tests.builders import build_of
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.traffic.affinity import Affinity
from workflows.domain.traffic.route import Capability, Route
from workflows.domain.values import short

OLD, NEW = build_of("checkout", "v1"), build_of("checkout", "v2")
MARKED = HeaderRoute(header="x-canary", value="1")


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (Route(), "all traffic to nothing"),
        (Route(stable=OLD), f"all traffic to {short(OLD)}"),
        (
            Route(stable=OLD, canary=NEW, percent=10),
            f"10% to canary {short(NEW)}, the rest to {short(OLD)}",
        ),
        (
            Route(stable=OLD, canary=NEW, header=MARKED),
            f"0% to canary {short(NEW)}, header x-canary: 1, the rest to {short(OLD)}",
        ),
    ],
)
def test_a_route_reads_as_a_sentence(route, sentence):
    assert str(route) == sentence


def test_a_route_is_whole_when_one_version_or_none_takes_all_traffic():
    assert Route().whole
    assert Route(stable=OLD).whole
    assert not Route(stable=OLD, canary=NEW).whole


def test_a_route_names_each_version_once():
    assert Route().digests == frozenset()
    assert Route(stable=OLD, canary=NEW).digests == {OLD, NEW}


def test_a_route_tells_what_it_asks_of_a_router_beyond_shares():
    plain = Route(stable=OLD, canary=NEW, percent=10)
    sessions = Affinity(by="header", name="x-session-id")
    all_of_it = plain.model_copy(
        update={"header": MARKED, "mirror": 20, "percent": 0, "affinity": sessions}
    )

    assert plain.needs == frozenset()
    assert all_of_it.needs == {
        Capability.HEADER,
        Capability.MIRROR,
        Capability.AFFINITY_BY_HEADER,
    }
    assert str(all_of_it).startswith(
        f"0% to canary {short(NEW)}, header x-canary: 1, copies of 20%, sessions kept by header"
    )
