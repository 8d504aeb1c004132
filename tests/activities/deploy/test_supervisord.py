"""What is said to supervisord, and what its answers are called, on a wire without processes."""

import socket
import threading
from datetime import timedelta

import pytest
from supervisor.xmlrpc import Faults

from activities.deploy import supervisord as module
from activities.deploy.supervisord import UP, Supervisord
from tests.activities.deploy.wire_supervisord import answering_supervisord
from workflows.domain.errors import Refused, Unavailable

PROGRAM = "test-checkout-1"


def no_beat():
    """Nobody counts these heartbeats."""


@pytest.fixture
def wire():
    with answering_supervisord() as answering:
        yield answering


@pytest.fixture
def supervisord(wire):
    return Supervisord(wire.control)


def describe(wire):
    (wire.include_dir / f"{PROGRAM}.conf").touch()


def test_every_program_is_shown_with_its_state(supervisord, wire):
    wire.states = {"a": "RUNNING", "b": "FATAL"}

    assert supervisord.states() == {"a": "RUNNING", "b": "FATAL"}


def test_a_process_that_has_just_exited_is_not_up():
    assert UP.isdisjoint({"BACKOFF", "EXITED", "FATAL", "STOPPING", "STOPPED", "UNKNOWN"})


def test_the_files_are_read_before_a_program_is_started(supervisord, wire):
    describe(wire)

    supervisord.start(PROGRAM)

    assert wire.asked == ["reloadConfig", "addProcessGroup"]
    assert wire.states == {PROGRAM: "RUNNING"}


def test_a_program_that_runs_is_left_running(supervisord, wire):
    describe(wire)
    supervisord.start(PROGRAM)

    supervisord.start(PROGRAM)

    assert wire.states == {PROGRAM: "RUNNING"}


def test_a_program_that_no_file_names_is_refused(supervisord, wire):
    with pytest.raises(Refused, match=f"supervisord at {wire.control}: BAD_NAME"):
        supervisord.start(PROGRAM)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Faults.SHUTDOWN_STATE, Unavailable),
        (Faults.CANT_REREAD, Unavailable),
        (Faults.STILL_RUNNING, Unavailable),
        (Faults.UNKNOWN_METHOD, Refused),
        (Faults.FAILED, Refused),
    ],
)
def test_a_fault_says_whether_to_ask_again(supervisord, wire, fault, kind):
    wire.faults["reloadConfig"] = (fault, "in its own words")

    with pytest.raises(kind, match="in its own words") as problem:
        supervisord.start(PROGRAM)

    assert type(problem.value) is kind


def test_a_stop_is_waited_for_with_heartbeats_and_then_forgotten(supervisord, wire):
    wire.states, wire.stopping = {PROGRAM: "RUNNING", "other": "RUNNING"}, ["STOPPING", "EXITED"]
    beats = []

    supervisord.forget(PROGRAM, lambda: beats.append(1))

    assert wire.states == {"other": "RUNNING"}
    assert len(beats) == 2
    assert wire.asked[-1] == "removeProcessGroup"


def test_a_program_that_is_not_there_is_forgotten_already(supervisord, wire):
    supervisord.forget(PROGRAM, no_beat)

    assert wire.asked == ["stopProcessGroup"]


@pytest.mark.parametrize("method", ["stopProcessGroup", "removeProcessGroup"])
def test_a_program_that_cannot_be_forgotten_is_not_passed_over(supervisord, wire, method):
    wire.states = {PROGRAM: "RUNNING"}
    wire.faults[method] = (Faults.FAILED, "FAILED")

    with pytest.raises(Refused, match="FAILED"):
        supervisord.forget(PROGRAM, no_beat)


def test_a_program_that_never_ends_is_told_and_not_removed(supervisord, wire, monkeypatch):
    monkeypatch.setattr(module, "_STOPPED_WITHIN", timedelta(0))
    wire.states, wire.stopping = {PROGRAM: "RUNNING"}, []

    with pytest.raises(Unavailable, match=f"program {PROGRAM} still runs 0:00:00 after its stop"):
        supervisord.forget(PROGRAM, no_beat)

    assert PROGRAM in wire.states


def test_a_supervisord_that_is_away_is_unavailable_and_named(tmp_path):
    with pytest.raises(Unavailable, match=r"nowhere\.sock: no answer: .*No such file"):
        Supervisord(tmp_path / "nowhere.sock").states()


def test_a_supervisord_that_hangs_does_not_hang_its_caller(wire, monkeypatch):
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 0.02)
    silent = wire.control.with_name("silent.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(silent))
        listening.listen()

        with pytest.raises(Unavailable, match="no answer: timed out"):
            Supervisord(silent).states()


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", b"not even HTTP\r\n\r\n"]
)
def test_an_answer_that_is_none_is_unavailable(wire, said):
    garbled = wire.control.with_name("garbled.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(garbled))
        listening.listen()
        answering = threading.Thread(target=_answer, args=(listening, said))
        answering.start()

        with pytest.raises(Unavailable, match="no answer"):
            Supervisord(garbled).states()
        listening.shutdown(socket.SHUT_RDWR)
        answering.join()


def _answer(listening, said):
    """To every connection, since XML-RPC asks a second time where the first answer broke off."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(said)
