import httpx
import pytest

from starters.failures import CommandFailed, NobodyAnswers
from starters.identity.pipeline_token import pipeline_token

GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://ci.test/token?version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "the-request-key",
}


def answering(answer):
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_token_that_the_job_was_given_is_used():
    assert pipeline_token({"LOCKGATE_ID_TOKEN": "a.b.c\n"} | GITHUB) == "a.b.c"


def test_github_is_asked_for_a_token_for_us():
    def answer(request):
        assert dict(request.url.params) == {"version": "2", "audience": "lockgate"}
        assert request.headers["Authorization"] == "Bearer the-request-key"
        return httpx.Response(200, json={"value": "g.i.t"})

    assert pipeline_token(GITHUB, answering(answer)) == "g.i.t"


def test_elsewhere_there_is_none():
    assert pipeline_token({}) is None
    assert pipeline_token({"ACTIONS_ID_TOKEN_REQUEST_URL": "https://ci.test"}) is None


@pytest.mark.parametrize("answer", [httpx.Response(403), httpx.Response(200, json={})])
def test_a_job_without_the_permission_is_told(answer):
    with pytest.raises(CommandFailed, match="id-token: write") as failed:
        pipeline_token(GITHUB, answering(lambda _: answer))
    assert "the-request-key" not in str(failed.value)


def test_the_key_goes_over_https_alone():
    address = {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://ci.test/token"}

    with pytest.raises(CommandFailed, match="an https address"):
        pipeline_token(GITHUB | address, answering(lambda _: httpx.Response(200)))


def test_no_answer_is_no_fault_of_the_job():
    def away(request):
        raise httpx.ConnectError("", request=request)

    with pytest.raises(NobodyAnswers):
        pipeline_token(GITHUB, answering(away))
