"""When a pulse beats, what it renews, and how it ends the work it watches."""

import threading
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities.databases.pulse import Pulse
from workflows.domain.errors import Unavailable

QUICK = timedelta(milliseconds=2)
NEVER_AGAIN = timedelta(hours=1)
PATIENCE = 20


class Work:
    """A login and a session in one, that say when they are touched."""

    username = "v-shop"
    password = "leased"

    def __init__(self):
        self.renewed, self.interrupted = threading.Event(), threading.Event()
        self.renewals = 0
        self.lost = False

    def renew(self):
        self.renewals += 1
        self.renewed.set()
        if self.lost:
            raise Unavailable("the lease is lost")

    def number(self, rule):
        return 0

    def interrupt(self):
        self.interrupted.set()


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def environment():
    return ActivityEnvironment()


def pulses():
    return [thread for thread in threading.enumerate() if thread.name == "pulse"]


def test_the_shortest_work_is_told_to_temporal_and_ends_without_waiting(environment):
    beats = []
    environment.on_heartbeat = lambda *_: beats.append(1)

    def brief():
        with Pulse(NEVER_AGAIN):
            assert len(pulses()) == 1

    environment.run(brief)

    assert beats == [1]
    assert pulses() == []


def test_it_beats_until_the_work_fails(environment):
    third = threading.Event()
    beats = []

    def beat(*_):
        beats.append(1)
        if len(beats) == 3:
            third.set()

    def failing():
        with Pulse(QUICK):
            assert third.wait(PATIENCE)
            raise KeyError

    environment.on_heartbeat = beat
    with pytest.raises(KeyError):
        environment.run(failing)

    assert pulses() == []


def test_a_login_is_renewed_only_while_it_is_kept(environment, work):
    beaten = threading.Event()
    environment.on_heartbeat = lambda *_: beaten.set()

    def two_halves():
        with Pulse(QUICK) as pulse:
            with pulse.keeping(work, work):
                assert work.renewed.wait(PATIENCE)
            kept = work.renewals
            beaten.clear()
            assert beaten.wait(PATIENCE)
            pulse.check()
        return kept

    assert environment.run(two_halves) == work.renewals
    assert not work.interrupted.is_set()


def test_a_lost_login_interrupts_the_session_and_stops_what_would_come_next(environment, work):
    work.lost = True

    def losing():
        with Pulse(QUICK) as pulse, pulse.keeping(work, work):
            assert work.interrupted.wait(PATIENCE)
            pulse.check()

    with pytest.raises(Unavailable, match="the lease is lost"):
        environment.run(losing)


def test_a_login_once_lost_stays_lost_though_a_later_renewal_passes(environment, work):
    work.lost = True

    def losing():
        with Pulse(QUICK) as pulse, pulse.keeping(work, work):
            assert work.interrupted.wait(PATIENCE)
            work.lost = False
            work.renewed.clear()
            assert work.renewed.wait(PATIENCE)
            pulse.check()

    with pytest.raises(Unavailable):
        environment.run(losing)


def test_a_cancelled_activity_interrupts_its_session_and_ends_as_cancelled(environment, work):
    def cancelled():
        with (
            activity.shield_thread_cancel_exception(),
            Pulse(QUICK) as pulse,
            pulse.keeping(work, work),
        ):
            pulse.check()
            environment.cancel()
            assert work.interrupted.wait(PATIENCE)
            pulse.check()
            pytest.fail("a cancelled check went on")

    with pytest.raises(CancelledError):
        environment.run(cancelled)


def test_a_cancellation_with_nothing_kept_is_found_at_the_next_check(environment, work):
    def cancelled():
        with activity.shield_thread_cancel_exception(), Pulse(NEVER_AGAIN) as pulse:
            environment.cancel()
            with pytest.raises(CancelledError):
                pulse.check()

    with pytest.raises(CancelledError):  # held back by the shield until its end
        environment.run(cancelled)
    assert not work.interrupted.is_set()
