import httpx
import pytest

from activities.journeys.entrance import HttpEntrance
from workflows.domain.errors import TargetMissing
from workflows.domain.journeys.plan import RequestPlan


def entrance(seen=None, *, mark=("x-synthetic", "lockgate")):
    def answer(request):
        seen.append(request)
        return httpx.Response(200)

    return HttpEntrance(
        base_urls={"checkout": "http://shop.test/api/"},
        mark=mark,
        transport=httpx.MockTransport(answer),
    )


def test_the_address_of_a_service_is_the_settings():
    assert entrance().base_url("checkout") == "http://shop.test/api"


def test_a_service_without_an_address_is_missing():
    with pytest.raises(TargetMissing, match=r"no address of service 'refunds'.*checkout"):
        entrance().visit("refunds", {}, trace="0" * 32)


def test_the_mark_is_the_settings_and_no_header_of_an_arm_takes_it_off():
    seen = []
    door = entrance(seen, mark=("x-robot", "yes"))

    with door.visit("checkout", {"x-robot": "no", "x-canary": "1"}, trace="0" * 32) as visit:
        visit.send(RequestPlan(method="GET", path="/"), {}, within=5)

    (request,) = seen
    assert (request.headers["x-robot"], request.headers["x-canary"]) == ("yes", "1")
