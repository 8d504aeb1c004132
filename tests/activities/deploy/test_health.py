import httpx
import pytest

from activities.deploy.health import Record, health_problem
from workflows.domain.values import digest_of

RECORD = Record(
    service="checkout", version="v1", digest=digest_of("v1"), port=1, health_path="/healthz"
)


def asked(answer: httpx.Response | Exception) -> str | None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://127.0.0.1:1/healthz"
        if isinstance(answer, Exception):
            raise answer
        return answer

    with httpx.Client(transport=httpx.MockTransport(respond)) as client:
        return health_problem(RECORD, client)


@pytest.mark.parametrize("said", [{}, {"digest": RECORD.digest}, {"service": "checkout"}])
def test_a_version_that_answers_as_itself_is_healthy(said):
    assert asked(httpx.Response(200, json={"version": "v1", **said})) is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (httpx.Response(503), "answers 503, expected 200"),
        (httpx.Response(200, text="ok"), "does not answer in JSON"),
        (httpx.Response(200, json=["v1"]), "answers as"),
        (httpx.Response(200, json={"version": "v2"}), "answers as"),
        (httpx.Response(200, json={"version": "v1", "digest": "sha256:0"}), "answers as"),
        (httpx.ConnectError("refused"), "does not answer: refused"),
    ],
)
def test_anything_else_is_a_problem_with_a_reason(answer, problem):
    assert problem in (asked(answer) or "")


def test_a_record_that_is_not_there_or_not_one_is_none(tmp_path):
    file = tmp_path / "checkout-1.json"
    assert Record.read(file) is None

    file.write_text("{}")
    assert Record.read(file) is None

    file.write_text(RECORD.model_dump_json())
    assert Record.read(file) == RECORD
