"""The remote evaluation protocol, as the specification's examples answer."""

import json

import httpx
import pytest

from activities.flags.ofrep import Ofrep
from workflows.domain.errors import Refused, Unavailable

CONTEXT = {"targetingKey": "ledger-2", "version": "ledger-2"}


def asked(answer) -> tuple[list[httpx.Request], Ofrep]:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return requests, Ofrep("http://flags.test/", client)


def test_a_flag_is_asked_for_in_its_context():
    answer = {"key": "new posting", "reason": "STATIC", "variant": "on", "value": True}
    requests, ofrep = asked(httpx.Response(200, json=answer))

    assert ofrep.variant("new posting", CONTEXT) == "on"

    (request,) = requests
    assert request.method == "POST"
    assert str(request.url) == "http://flags.test/ofrep/v1/evaluate/flags/new%20posting"
    assert json.loads(request.content) == {"context": CONTEXT}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json={"key": "x", "errorCode": "FLAG_NOT_FOUND"}),
        httpx.Response(200, json={"key": "x", "reason": "DISABLED"}),
    ],
)
def test_a_flag_without_a_variant_has_none(answer):
    _, ofrep = asked(answer)

    assert ofrep.variant("x", CONTEXT) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"key": "x", "errorCode": "INVALID_CONTEXT"}), Refused),
        (httpx.Response(401), Refused),
        (httpx.Response(429), Unavailable),
        (httpx.Response(500, json={"errorDetails": "no"}), Unavailable),
        (httpx.Response(200, text="hello"), Unavailable),
        (httpx.Response(200, json=["hello"]), Unavailable),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ReadTimeout("late"), Unavailable),
    ],
)
def test_what_is_no_answer_is_told(answer, error):
    _, ofrep = asked(answer)

    with pytest.raises(error, match="the flags' evaluation endpoint"):
        ofrep.variant("x", CONTEXT)
