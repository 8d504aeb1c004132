"""How a hold ends: cancelled, handed over, or with an alert manager that does not answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.alerts import activities
from activities.alerts.activities import AlertsActivities, Ending, left_by_last_attempt
from activities.alerts.mask import Held, HeldSilence, owner
from tests.activities.alerts.test_mask import RELEASE, TARGET, World
from workflows.domain.errors import TargetMissing, Unavailable
from workflows.domain.values import Provider
from workflows.ports.alerts import BeginSilences, LiftSilences

PROVIDER = Provider(type="fake", connection="staging")


class Hold:
    """A hold whose waits pass the test's time and do what the test wants done meanwhile."""

    def __init__(self, *, ending=Ending.CANCELLED, rests=3):
        self.world = World()
        self.meanwhile = {}
        self.naps = []
        self._ending, self._rests = ending, rests
        self.port = AlertsActivities(
            lambda _: self.world.manager,
            beat=self.world.beats.append,
            left=Held,
            clock=lambda: self.world.now,
            wait=self._wait,
        )

    def _wait(self, span):
        self.naps.append(span)
        self.world.now += span
        at = len(self.naps)
        self.meanwhile.get(at, lambda: None)()
        return self._ending if at >= self._rests else None

    def run(self):
        return self.port.hold_silences(self.world.ask)


def test_a_cancel_is_the_ordinary_end_and_returns_the_report():
    hold = Hold(rests=12)
    hold.meanwhile[2] = hold.world.fire

    report = hold.run()

    assert [one.alertname for one in report.alerts] == ["Alert0"]
    assert hold.world.manager.silences() == ()


def test_it_beats_at_least_every_second_and_looks_as_often_as_asked():
    hold = Hold(rests=11)

    hold.run()

    assert set(hold.naps) == {timedelta(seconds=1)}
    assert len(hold.world.beats) >= 11


def test_it_is_extended_for_as_long_as_it_lasts():
    hold = Hold(rests=300)
    hold.meanwhile[299] = lambda: seen.extend(hold.world.manager.silences())
    seen = []

    hold.run()

    assert len(seen) == 1


def test_a_worker_that_stops_leaves_the_silence_to_the_next_attempt():
    hold = Hold(ending=Ending.HANDED_OVER)

    with pytest.raises(Unavailable, match="the next attempt goes on"):
        hold.run()

    assert len(hold.world.manager.silences()) == 1


def test_an_outage_of_the_alert_manager_is_waited_out():
    hold = Hold(rests=40)

    def down():
        hold.world.manager.down = True

    def up():
        hold.world.manager.down = False
        hold.world.fire()

    hold.meanwhile |= {7: down, 20: up}

    assert len(hold.run().alerts) == 1


def test_an_alert_manager_that_is_down_at_the_start_silences_nothing():
    hold = Hold()
    hold.world.manager.down = True

    with pytest.raises(Unavailable):
        hold.run()


def test_what_was_begun_is_the_silence_that_is_held():
    hold = Hold(ending=Ending.HANDED_OVER)
    asked = hold.world.ask
    ask = BeginSilences(target=asked.target, masking=asked.masking, release=asked.release)

    begun = [hold.port.begin_silences(ask) for _ in range(2)]
    before = [silence.id for silence in hold.world.manager.silences()]
    with pytest.raises(Unavailable):
        hold.run()

    assert [str(one) for one in begun] == ["1 silences"] * 2
    assert [silence.id for silence in hold.world.manager.silences()] == before


def test_lifting_is_safe_to_repeat():
    hold = Hold(ending=Ending.HANDED_OVER)
    with pytest.raises(Unavailable):
        hold.run()
    ask = LiftSilences(provider=PROVIDER, release=RELEASE, target=TARGET)

    assert [hold.port.lift_silences(ask).silences for _ in range(2)] == [1, 0]


def test_an_alert_manager_that_does_not_answer_holds_no_rollback_up():
    hold, tries = Hold(), iter(range(1, 6))
    hold.world.manager.down = True
    port = AlertsActivities(lambda _: hold.world.manager, attempt=lambda: next(tries))
    ask = LiftSilences(provider=PROVIDER, release=RELEASE, target=TARGET)

    for _ in range(4):
        with pytest.raises(Unavailable):
            port.lift_silences(ask)
    lifted = port.lift_silences(ask)

    assert lifted.silences == 0
    assert "ends by itself" in str(lifted)


def test_the_first_try_is_number_one(environment):
    assert environment.run(activities.attempt) == 1


def test_an_unknown_connection_is_missing():
    def nobody(provider):
        raise TargetMissing(str(provider))

    with pytest.raises(TargetMissing):
        AlertsActivities(nobody).lift_silences(LiftSilences(provider=PROVIDER, release=RELEASE))


# What Temporal tells


@pytest.fixture
def environment():
    return ActivityEnvironment()


def waited(environment, span=timedelta(milliseconds=10)):
    return environment.run(lambda: activities.wait(span))


def test_a_wait_that_nobody_disturbs_is_just_one(environment):
    assert waited(environment) is None


def test_a_cancelled_wait_is_short(environment):
    environment.cancel()

    assert waited(environment, timedelta(hours=1)) is Ending.CANCELLED


@pytest.mark.parametrize(
    ("why", "ending"),
    [
        ({"cancel_requested": True}, Ending.CANCELLED),
        ({"not_found": True}, Ending.CANCELLED),
        ({"worker_shutdown": True}, Ending.HANDED_OVER),
        ({"timed_out": True}, Ending.HANDED_OVER),
        ({"paused": True}, Ending.HANDED_OVER),
    ],
)
def test_only_whom_nobody_follows_ends_the_silences(environment, why, ending):
    environment.cancel(ActivityCancellationDetails(**why))

    assert waited(environment) is ending


def test_a_worker_that_shuts_down_hands_over(environment):
    environment.worker_shutdown()

    assert waited(environment) is Ending.HANDED_OVER


def test_what_the_last_attempt_told_is_read_back(environment):
    ends = datetime(2026, 11, 25, tzinfo=UTC)
    held = Held(silences=(HeldSilence(rule=0, id="a", ends_at=ends),))
    told = [held.model_dump(mode="json")]

    assert environment.run(left_by_last_attempt) == Held()
    environment.info = replace(environment.info, heartbeat_details=told)
    assert environment.run(left_by_last_attempt) == held
    environment.info = replace(environment.info, heartbeat_details=["of another build"])
    assert environment.run(left_by_last_attempt) == Held()


def test_the_owner_says_which_release_and_target():
    assert owner(RELEASE, TARGET) == f"lockgate {RELEASE} checkout@staging"
