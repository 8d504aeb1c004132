"""`lockgate evidence` on a real server: what is added is kept, listed, fetched and checked."""

import json
from functools import partial

import pytest

from activities.attestations import AttestationsActivities
from activities.ledger import open_ledger
from starters.exit_codes import ExitCode
from tests.attesting import JUNIT, a_key, a_statement, an_envelope, results
from tests.builders import build_of
from tests.fakes.attestations import FakeArchive, FakeTransit, a_room
from workflows.domain.attestations import statement as types
from workflows.domain.values import Target, digest_of

BUILD = build_of("checkout", "v2")


@pytest.fixture
def room(world, tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    world.attestations = AttestationsActivities(a_room(ledger, FakeArchive(), FakeTransit()))
    yield world.attestations
    ledger.dispose()


@pytest.fixture
def lockgate(lockgate, room, worker, tmp_path, monkeypatch):
    """Type what follows `lockgate evidence`, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return partial(lockgate, "evidence")


async def test_files_are_added_listed_and_fetched(lockgate, tmp_path):
    (tmp_path / "junit.xml").write_bytes(JUNIT)
    signed = an_envelope(a_statement(types.TEST_RESULT, results()), a_key())
    (tmp_path / "results.json").write_bytes(signed)

    code, out, _ = await lockgate("add", "junit.xml", "results.json", "--artifact", BUILD)
    again, known, _ = await lockgate("add", "junit.xml", "--artifact", BUILD, "-o", "json")
    _, listed, _ = await lockgate("list", "--artifact", BUILD, "-o", "json")
    _, table, _ = await lockgate("list", "--artifact", BUILD)
    fetched, _, _ = await lockgate("get", digest_of(JUNIT), "--to", "back.xml")

    assert (code, again, fetched) == (ExitCode.OK,) * 3
    assert f"junit.xml: test-result {digest_of(JUNIT)}\n" in out
    assert json.loads(known)["evidence"][0]["known"] is True
    told = {(each["digest"], each["signed"], each["addedBy"]) for each in json.loads(listed)}
    assert told == {(digest_of(JUNIT), False, "ana"), (digest_of(signed), True, "ana")}
    assert digest_of(signed) in table
    assert (tmp_path / "back.xml").read_bytes() == JUNIT


async def test_the_builds_of_a_release_are_listed(lockgate, start, world, tmp_path):
    world.serve(Target(service="checkout", environment="production"), "v1")
    (tmp_path / "junit.xml").write_bytes(JUNIT)
    started = await start()
    await started.result()
    await lockgate("add", "junit.xml", "--artifact", BUILD, "--release", started.handle.id)

    _, listed, _ = await lockgate("list", "--release", started.handle.id, "-o", "json")

    assert [each["artifact"] for each in json.loads(listed)] == [BUILD]


async def test_the_keys_are_printed_as_verify_reads_them(lockgate, room, tmp_path):
    code, pem, _ = await lockgate("keys")
    (tmp_path / "lockgate.pem").write_text(pem)
    (tmp_path / "signed.json").write_text(
        room._room.sign(json.dumps(a_statement(types.DENIAL, {})).encode())
    )

    verified, said, _ = await lockgate(
        "verify", "signed.json", "--key", "lockgate.pem", "--artifact", BUILD
    )

    assert (code, verified) == (ExitCode.OK, ExitCode.OK)
    assert "verified by lockgate.pem: no go" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "none.xml", "--artifact", BUILD), "none.xml: cannot be read"),
        (("add", "hello.txt", "--artifact", BUILD), "no format that is known"),
        (("add", "hello.txt", "--artifact", "checkout:v2"), "is no digest"),
        (("get", BUILD), "no such evidence is kept"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(lockgate, tmp_path, words, why):
    (tmp_path / "hello.txt").write_text("hello")

    code, _, error = await lockgate(*words)

    assert code == ExitCode.USAGE
    assert why in error
