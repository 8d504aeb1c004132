"""Long activities live, end when they are told to, and leave what they know to a successor."""

import time
from contextvars import Context
from dataclasses import replace

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities.pace import ActivityPace, let_pass
from workflows.domain.errors import HandedOver, Unavailable
from workflows.domain.values import Value


class Seen(Value):
    """What a long activity knows."""

    windows: int
    share: float | None = None


@pytest.fixture
def environment():
    found = ActivityEnvironment()
    found.beats = []
    found.on_heartbeat = lambda *details: found.beats.append(details)
    return found


def test_a_wait_lasts_as_long_as_it_says(environment):
    began = time.monotonic()

    environment.run(lambda: ActivityPace().wait(0.05))

    assert 0.05 <= time.monotonic() - began < 1
    assert environment.beats == []


def test_no_wait_at_all_ends_at_once(environment):
    environment.run(lambda: ActivityPace().wait(0.0))

    assert environment.beats == []


def test_a_long_wait_says_meanwhile_that_it_lives(environment):
    environment.run(lambda: ActivityPace().wait(1.2))

    assert environment.beats == [()]


def test_many_short_waits_say_that_they_live_as_one_long_one_does(environment):
    def patient():
        pace = ActivityPace()
        for _ in range(6):
            pace.wait(0.2)

    environment.run(patient)

    assert environment.beats == [()]


def test_what_is_kept_is_said_again_with_every_sign_of_life(environment):
    """The server knows the last heartbeat alone: one without the state would forget it."""
    kept = Seen(windows=7)

    def long():
        pace = ActivityPace()
        pace.beat(kept)
        pace.wait(1.2)

    environment.run(long)

    assert environment.beats == [(kept,), (kept,)]


def test_a_successor_gets_what_was_kept_last_and_says_it_again(environment):
    kept = Seen(windows=7, share=0.25)
    environment.info = replace(environment.info, heartbeat_details=[kept.model_dump(mode="json")])

    def successor():
        pace = ActivityPace()
        found = pace.kept(Seen)
        pace.wait(1.2)
        return found

    assert environment.run(successor) == kept
    assert environment.beats == [(kept,)]


def test_the_first_one_finds_nothing_kept(environment):
    assert environment.run(lambda: ActivityPace().kept(Seen)) is None


def test_a_cancel_ends_a_wait_at_its_next_sign_of_life(environment):
    environment.on_heartbeat = lambda *_: environment.cancel()
    began = time.monotonic()

    with pytest.raises(CancelledError):
        environment.run(lambda: ActivityPace().wait(60))

    assert time.monotonic() - began < 10


def test_a_cancel_before_a_wait_ends_it_at_once(environment):
    environment.cancel()

    with pytest.raises(CancelledError):
        environment.run(lambda: ActivityPace().wait(60))

    assert environment.beats == []


def test_a_worker_that_stops_ends_a_wait_and_another_one_may_go_on(environment):
    environment.on_heartbeat = lambda *_: environment.worker_shutdown()

    with pytest.raises(HandedOver, match="this worker stops") as caught:
        environment.run(lambda: ActivityPace().wait(60))

    assert isinstance(caught.value, Unavailable)  # so that it is asked again


def test_now_is_the_time_of_day(environment):
    before = time.time()

    assert before <= environment.run(ActivityPace().now) <= time.time()


def test_a_wait_deep_below_keeps_what_the_activity_keeps(environment):
    kept = Seen(windows=7)

    def long():
        ActivityPace().beat(kept)
        let_pass(1.2)

    environment.run(long)

    assert environment.beats == [(kept,), (kept,)]


def test_a_wait_deep_below_an_activity_without_a_pace_says_that_it_lives(environment):
    Context().run(environment.run, lambda: let_pass(1.2))

    assert environment.beats == [()]


def test_a_wait_where_no_activity_runs_lasts_as_long_as_it_says():
    began = time.monotonic()

    let_pass(0.05)

    assert 0.05 <= time.monotonic() - began < 1
