"""Files on their way to a worker and back, and releases that are told."""

import base64
import gzip
import os

import pytest
from temporalio.client import ActivityFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.attestations.parcels import unpacked
from starters import evidence
from starters.failures import CommandFailed
from tests.attesting import BUILD, JUNIT
from workflows.domain.values import digest_of
from workflows.ports.attestations import (
    AttestationsFound,
    SentFile,
    VerificationKeys,
)


class Worker:
    """A client whose worker answers with what it is given, and whose releases note signals."""

    def __init__(self, answer=None, ended=()):
        self.answer = answer
        self.ended = ended
        self.asks = []
        self.told = []

    async def execute_activity_method(self, method, *, args, **options):
        self.asks += args
        if isinstance(self.answer, BaseException):
            raise ActivityFailureError(cause=self.answer)
        return self.answer

    def get_workflow_handle_for(self, run, release):
        worker = self

        class Handle:
            async def signal(self, method):
                if release in worker.ended:
                    raise RPCError("gone", RPCStatusCode.NOT_FOUND, b"")
                worker.told.append((release, method.__name__))

        return Handle()


def test_a_file_arrives_as_it_is(tmp_path):
    file = tmp_path / "junit.xml"
    file.write_bytes(JUNIT)

    sent = evidence.packed(file)

    assert sent.digest == digest_of(JUNIT)
    assert unpacked(sent, most=10_000) == JUNIT == evidence.unpacked(sent)


def test_a_file_that_cannot_travel_is_named_with_a_way_out(tmp_path):
    file = tmp_path / "huge"
    file.write_bytes(os.urandom(1_100_000))

    with pytest.raises(CommandFailed, match=r"huge: has more than 1048576 bytes when compressed"):
        evidence.packed(file)
    with pytest.raises(CommandFailed, match="none: cannot be read: No such file"):
        evidence.packed(tmp_path / "none")


async def test_what_is_asked_names_the_build_and_who_adds(tmp_path):
    worker = Worker()
    file = SentFile(digest=BUILD, content="")

    await evidence.add(worker, file, BUILD, by="ana", type=None)

    (ask,) = worker.asks
    assert (ask.artifact, ask.file, ask.added_by) == (BUILD, file, "ana")


async def test_each_build_is_asked_about_once():
    worker = Worker(AttestationsFound(attestations=()))

    assert await evidence.about(worker, [BUILD, BUILD]) == ()
    assert worker.asks[0].artifacts == (BUILD,)


async def test_a_file_that_arrives_as_another_is_refused():
    other = base64.b64encode(gzip.compress(b"other")).decode()

    with pytest.raises(CommandFailed, match="arrived as sha256:"):
        await evidence.fetch(Worker(SentFile(digest=BUILD, content=other)), BUILD)


async def test_the_keys_are_those_that_the_worker_tells():
    found = VerificationKeys(name="k", pems=("p",))

    assert await evidence.keys(Worker(found)) == found


async def test_a_refusal_is_told_as_it_is():
    refusal = ApplicationError("it is no sarif", type="Refused", non_retryable=True)
    worker = Worker(refusal)
    file = SentFile(digest=BUILD, content="")

    for asked in (
        evidence.add(worker, file, BUILD, by="ana", type=None),
        evidence.about(worker, [BUILD]),
        evidence.fetch(worker, BUILD),
        evidence.keys(worker),
    ):
        with pytest.raises(CommandFailed, match="it is no sarif"):
            await asked


async def test_a_release_is_told_unless_it_has_ended():
    worker = Worker(ended=("release/b/1",))

    assert await evidence.tell(worker, "release/a/1") == 1
    assert await evidence.tell(worker, "release/b/1") == 0
    assert worker.told == [("release/a/1", "evidence_arrived")]
