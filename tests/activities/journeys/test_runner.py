import json
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from activities.journeys.arm import Arm, Tally
from activities.journeys.entrance import HttpEntrance
from activities.journeys.runner import run_arm
from workflows.domain.journeys.plan import compile_journey
from workflows.domain.journeys.report import ArmWord, Sent
from workflows.domain.spec.journey import JourneySpec

SECRET = "hunter2-hunter2"

ORDER = {
    "name": "order",
    "request": {"method": "POST", "path": "/orders", "json": {"id": "{{ run }}"}},
    "capture": {"orderId": "$.orderId"},
}
LOOK = {"name": "look", "request": {"path": "/orders/{{ orderId }}"}}
CANCEL = {"name": "cancel", "request": {"method": "DELETE", "path": "/orders/{{ orderId }}"}}


def journey(*steps, cleanup=(CANCEL,), tries=1, **more):
    written = {"service": "shop", "steps": steps, "cleanup": list(cleanup), "tries": tries}
    return compile_journey("journey", JourneySpec.model_validate(written | more))


class Shop:
    """Takes orders and knows them afterwards; `broken` answers what it returns instead."""

    def __init__(self, broken: Callable[[httpx.Request], httpx.Response | None] | None = None):
        self.broken = broken
        self.seen: list[str] = []
        self.orders: list[str] = []
        self.traces: list[str] = []
        self.tally = Tally()

    def __call__(self, request):
        self.seen.append(f"{request.method} {request.url.path}")
        self.traces.append(request.headers["traceparent"].split("-")[1])
        if self.broken and (answer := self.broken(request)) is not None:
            return answer
        if request.method == "POST":
            self.orders.append(json.loads(request.content)["id"])
            number = f"o{len(self.orders)}"
            return httpx.Response(200, json={"orderId": number}, headers={"x-version": "v2"})
        return httpx.Response(200, json={}, headers={"x-version": "v2"})

    def run(self, plan, *, arm=None, held=None):
        entrance = HttpEntrance(
            base_urls={"shop": "http://shop.test"},
            mark=("x-synthetic", "lockgate"),
            transport=httpx.MockTransport(self),
        )
        return run_arm(plan, arm or Arm(), entrance, held or {}, tally=self.tally)


def failing(*methods, status=500):
    return lambda request: httpx.Response(status) if request.method in methods else None


def raising(*methods, error):
    def broken(request):
        if request.method in methods:
            raise error

    return broken


def test_values_are_carried_from_step_to_step_and_into_the_cleanup():
    shop = Shop()

    report = shop.run(journey(ORDER, LOOK))

    assert report.word is ArmWord.PASSED
    assert shop.seen == ["POST /orders", "GET /orders/o1", "DELETE /orders/o1"]
    assert [(step.name, step.status) for step in report.steps] == [("order", 200), ("look", 200)]
    assert [step.name for step in report.cleanup] == ["cancel"]
    assert shop.tally.sent == Sent(requests=3, errors=0)
    assert {report.trace} == set(shop.traces)


def test_each_try_has_an_id_of_its_own():
    shop = Shop()

    shop.run(journey(ORDER, cleanup=[]))
    shop.run(journey(ORDER, cleanup=[]))

    first, second = shop.orders
    assert first.startswith("synthetic-")
    assert first != second


def test_the_first_step_that_fails_ends_the_journey_and_the_cleanup_still_runs():
    shop = Shop(failing("GET"))

    report = shop.run(journey(ORDER, LOOK, {"name": "never", "request": {"path": "/never"}}))

    assert report.word is ArmWord.FAILED
    assert report.reason == "look: status: expected 2xx, found 500"
    assert shop.seen == ["POST /orders", "GET /orders/o1", "DELETE /orders/o1"]
    assert [(f.expected, f.found) for f in report.steps[-1].findings] == [("2xx", "500")]
    assert shop.tally.sent == Sent(requests=3, errors=1)


def test_the_cleanup_runs_when_a_bug_ends_the_journey():
    shop = Shop(raising("GET", error=KeyError("a bug")))

    with pytest.raises(KeyError):
        shop.run(journey(ORDER, LOOK))

    assert shop.seen[-1] == "DELETE /orders/o1"


def test_every_cleanup_step_is_tried_and_what_is_left_over_is_named():
    also = {"name": "also", "request": {"path": "/also"}}
    shop = Shop(failing("DELETE"))

    report = shop.run(journey(ORDER, cleanup=[CANCEL, also]))

    assert report.word is ArmWord.PASSED
    assert report.leftover == ("cancel",)
    assert "cleanup did not succeed: cancel" in report.reason
    assert shop.seen[-1] == "GET /also"


def test_cleanup_of_what_was_never_made_is_left_out():
    shop = Shop(failing("POST"))

    report = shop.run(journey(ORDER))

    assert shop.seen == ["POST /orders"]
    assert report.cleanup[0].left_out == "orderId was never captured"
    assert report.leftover == ()


def test_an_entrance_that_takes_no_connection_is_neither_good_nor_bad():
    shop = Shop(raising("POST", error=httpx.ConnectError("refused")))
    undo = {"name": "undo", "request": {"path": "/undo"}}

    report = shop.run(journey(ORDER, cleanup=[undo]))

    assert report.word is ArmWord.UNREACHABLE
    assert "order: the entrance cannot be reached" in report.reason
    assert shop.seen == ["POST /orders"], "nothing was sent, so there is nothing to undo"
    assert shop.tally.sent == Sent()


def test_an_answer_that_never_comes_is_a_failure():
    shop = Shop(raising("GET", error=httpx.ReadTimeout("late")))

    report = shop.run(journey(ORDER, LOOK))

    assert report.word is ArmWord.FAILED
    assert "look: answer: expected one in time, found none within" in report.reason
    assert shop.seen[-1] == "DELETE /orders/o1"


def test_a_capture_that_finds_nothing_fails_the_step():
    shop = Shop(lambda request: httpx.Response(200, json={"id": 1}))

    report = shop.run(journey(ORDER, LOOK))

    assert report.reason == "order: json $.orderId: expected orderId, found nothing"


@pytest.mark.parametrize(("tries", "word"), [(1, ArmWord.FAILED), (2, ArmWord.PASSED)])
def test_only_what_fails_in_every_try_has_failed(tries, word):
    answers = [httpx.Response(500)]
    shop = Shop(lambda request: answers.pop() if answers else None)

    report = shop.run(journey(ORDER, tries=tries))

    assert (report.word, report.tries) == (word, tries)


def test_the_time_of_a_try_is_shared_by_its_steps():
    """And the cleanup has a time of its own, or a slow journey would never be cleaned up."""
    now = [0.0]

    def slow(request):
        now[0] += 0 if request.method == "DELETE" else 8

    shop = Shop(slow)
    entrance = HttpEntrance(
        base_urls={"shop": "http://shop.test"},
        mark=("x-synthetic", "lockgate"),
        transport=httpx.MockTransport(shop),
    )
    plan = journey(ORDER, LOOK, {"name": "last", "request": {"path": "/last"}}, timeout="15s")

    report = run_arm(plan, Arm(), entrance, {}, tally=Tally(), clock=lambda: now[0])

    assert "last: answer: expected one in time" in report.reason
    assert shop.seen == ["POST /orders", "GET /orders/o1", "DELETE /orders/o1"]
    assert plan.timeout == timedelta(seconds=15)


def test_once_halted_it_begins_no_step_but_the_cleanup():
    shop = Shop()
    entrance = HttpEntrance(
        base_urls={"shop": "http://shop.test"},
        mark=("x-synthetic", "lockgate"),
        transport=httpx.MockTransport(shop),
    )

    report = run_arm(
        journey(ORDER, LOOK, tries=2),
        Arm(),
        entrance,
        {},
        tally=Tally(),
        halted=lambda: "POST /orders" in shop.seen,
    )

    assert report.word is ArmWord.UNREACHABLE
    assert shop.seen == ["POST /orders", "DELETE /orders/o1"]


def test_who_answers_instead_of_the_arm_that_was_asked_proves_nothing():
    plan = journey(ORDER, LOOK, versionHeader="x-version")
    asked_of_v3, asked_of_others, asked_of_v2 = Shop(), Shop(), Shop()

    strayed = asked_of_v3.run(plan, arm=Arm(expects="v3"))
    also = asked_of_others.run(plan, arm=Arm(avoids="v2"))
    right = asked_of_v2.run(plan, arm=Arm(expects="v2"))

    assert [strayed.word, also.word] == [ArmWord.UNREACHABLE] * 2
    assert strayed.reason == "order: answered by v2, asked of v3: routed elsewhere"
    assert asked_of_v3.tally.strayed == Sent(requests=1, errors=0)
    assert asked_of_v3.tally.sent == Sent()
    assert right.word is ArmWord.PASSED


def echo(request):
    return httpx.Response(
        418,
        json={"said": request.headers.get("authorization"), "status": "x"},
        headers={"x-echo": request.headers.get("authorization", "")},
    )


def test_a_secret_is_sent_and_never_told():
    login = {
        "name": "login",
        "request": {"path": "/me", "headers": {"authorization": "Bearer {{ token }}"}},
        "expect": {
            "status": 418,
            "json": [{"path": "$.said", "equals": "nobody"}],
            "headers": {"x-echo": {"exists": False}},
        },
    }
    shop = Shop(echo)

    plan = journey(login, cleanup=[], secretRefs={"token": {"path": "shop", "field": "token"}})
    report = shop.run(plan, held={"token": SECRET})

    (step,) = report.steps
    assert [finding.found for finding in step.findings] == ["'Bearer ***'", "'Bearer ***'"]
    assert SECRET not in report.model_dump_json()
    assert SECRET not in plan.model_dump_json()


def test_a_secret_in_the_version_header_is_never_told():
    me = {"name": "me", "request": {"path": "/", "headers": {"authorization": "{{ token }}"}}}
    plan = journey(
        me,
        cleanup=[],
        secretRefs={"token": {"path": "shop", "field": "token"}},
        versionHeader="x-echo",
    )

    report = Shop(echo).run(plan, arm=Arm(expects="v2"), held={"token": SECRET})

    assert report.reason == "me: answered by ***, asked of v2: routed elsewhere"


def test_a_hidden_capture_and_a_session_cookie_are_never_told():
    def login(request):
        body = {"session": "abc-session-abc", "cookie": "cookie-cookie"}
        return httpx.Response(200, json=body, headers={"set-cookie": "c=cookie-cookie; Path=/"})

    first = {
        "name": "login",
        "request": {"path": "/login"},
        "capture": {"session": {"json": "$.session", "hidden": True}},
    }
    then = {
        "name": "then",
        "request": {"path": "/me", "headers": {"authorization": "{{ session }}"}},
        "expect": {"json": [{"path": "$.*", "equals": "nobody"}]},
    }

    report = Shop(login).run(journey(first, then, cleanup=[]))

    assert report.steps[-1].findings[0].found == "'***', '***'"
