"""What the server's refusals mean to a person."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from infra.temporal import TemporalUnreachable
from starters.exit_codes import ExitCode
from starters.failures import NobodyAnswers
from starters.session import converse, worded


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (RPCStatusCode.UNAVAILABLE, ExitCode.UNAVAILABLE, "does not answer"),
        (RPCStatusCode.DEADLINE_EXCEEDED, ExitCode.UNAVAILABLE, "a release under way continues"),
        (RPCStatusCode.PERMISSION_DENIED, ExitCode.ERROR, "check the API key"),
        (RPCStatusCode.INVALID_ARGUMENT, ExitCode.ERROR, "lockgate doctor"),
    ],
)
def test_each_refusal_is_a_sentence_and_a_code(status, code, words):
    failure = worded(RPCError("because", status, b""))

    assert failure.code == code
    assert "because" in str(failure)
    assert words in str(failure)


def test_a_release_that_has_ended_is_said_to_have_ended():
    gone = RPCError("workflow execution already completed", RPCStatusCode.NOT_FOUND, b"")

    failure = worded(gone)

    assert failure.code == ExitCode.USAGE
    assert "it has ended" in str(failure)
    assert "doctor" not in str(failure)


def test_a_server_that_is_not_there_is_75_with_the_remedy(monkeypatch):
    async def connect():
        raise TemporalUnreachable("nobody there; start it")

    async def never(client):
        pytest.fail("there is no client")

    monkeypatch.setattr("starters.session.connect", connect)

    with pytest.raises(NobodyAnswers, match="nobody there; start it") as failed:
        converse(never)
    assert failed.value.code == ExitCode.UNAVAILABLE
