"""Silences held against a clock of the test's own; the contract suite holds them for real."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from activities.alerts.mask import Held, HeldSilence, Mask, lift, owner
from tests.fakes.alerts import FakeAlertManager
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.values import Target, digest_of
from workflows.domain.watching.silences import AlertsSpec, ExpectedAlert, about, masking
from workflows.ports.alerts import HoldSilences

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TARGET = Target(service="checkout", environment="staging")
RELEASE = "release/shop/1"
BY_NOTE = {"atMost": 0.5, "annotation": "value"}
BY_QUERY = {"atMost": 0.5, "query": "size"}


class World:
    """An alert manager, a time that passes when told to, and the mask of one target."""

    def __init__(self, *expected, window="10m"):
        self.now = NOON
        self.manager = FakeAlertManager(lambda: self.now)
        self.beats = []
        specs = [
            ExpectedAlert.model_validate(
                {"alertname": f"Alert{number}", "expected": where, "window": window}
            )
            for number, where in enumerate(expected or (BY_NOTE,))
        ]
        alerts = AlertsSpec(type="fake", connection="staging")
        found = masking(specs, alerts, target=TARGET, version=digest_of("v2"))
        self.ask = HoldSilences(target=TARGET, masking=found, release=RELEASE)
        self.about = {m.name: m.value for m in about(found, TARGET)}
        self.mask = self.attempt()

    def attempt(self, left=None):
        return Mask(self.manager, self.ask, left or Held(), beat=self.beats.append)

    def fire(self, name="Alert0", annotations=None, **labels):
        fired = {"alertname": name, "severity": "warning", **self.about, **labels}
        noted = {"value": "0.1"} if annotations is None else annotations
        ends = self.now + timedelta(hours=1)
        self.manager.fire(fired, noted, starts_at=self.now, ends_at=ends)

    def passes(self, seconds):
        self.now += seconds * SECOND
        return self.now

    def begun(self):
        self.mask.begin(self.now)
        self.passes(1)
        return self

    @property
    def raised(self):
        return [labels for labels in self.manager.paged if "unmasked_by" in labels]


@pytest.fixture
def world():
    return World().begun()


def test_each_expected_alert_is_silenced_for_a_short_while_from_the_next_whole_second():
    world = World(BY_NOTE, BY_NOTE).begun()

    silences = world.manager.silences()

    assert len(silences) == 2
    for one in silences:
        assert (one.starts_at, one.ends_at) == (NOON + SECOND, NOON + 60 * SECOND)
        assert one.created_by == owner(RELEASE, TARGET)
        assert "is expected while checkout-" in one.comment


def test_a_silence_is_extended_once_a_third_of_it_is_over(world):
    (first,) = world.manager.silences()

    world.mask.extend(world.passes(18))
    assert world.manager.silences() == (first,)
    world.mask.extend(world.passes(2))

    (extended,) = world.manager.silences()
    assert extended == first._replace(ends_at=world.now + 60 * SECOND)


def test_each_question_comes_after_a_heartbeat(world):
    world.fire()
    told = len(world.beats)

    world.mask.look(world.now)
    world.mask.extend(world.now)

    assert len(world.beats) - told == 4
    assert world.beats[-1].masked[0].alertname == "Alert0"
    assert world.beats[-1].silences[0].id


def test_the_next_attempt_takes_over_by_what_it_finds_whatever_it_was_told(world):
    world.fire()
    world.mask.look(world.now)
    for left in (world.mask.held, Held()):
        again = world.attempt(left)

        again.begin(world.now)

        assert again.held.silences == world.mask.held.silences
        assert len(world.manager.silences()) == 1


def test_of_two_silences_for_the_same_thing_one_stays(world):
    (first,) = world.manager.silences()
    world.manager.put(first._replace(id=None))

    world.mask.extend(world.now)

    assert world.manager.silences() == (first,)


def test_a_silence_that_somebody_ended_stays_ended_for_good(world):
    lift(world.manager, RELEASE, TARGET)

    world.mask.extend(world.now)
    world.mask.extend(world.passes(100))
    world.attempt(world.mask.held).begin(world.now)

    assert world.manager.silences() == ()


def test_a_silence_that_lapsed_is_made_again(world):
    """Nobody ended it: the alert manager was not to be reached for longer than it lived."""
    world.mask.extend(world.passes(100))

    assert len(world.manager.silences()) == 1


def test_an_alert_that_somebody_else_silences_is_not_weighed(world):
    (mine,) = world.manager.silences()
    world.manager.put(mine._replace(id=None, created_by="ana"))
    lift(world.manager, RELEASE, TARGET)
    world.fire(annotations={"value": "9"})

    world.mask.look(world.now)

    assert world.mask.held.masked == ()
    assert world.raised == []


def test_it_is_raised_again_at_each_look_and_told_once(world):
    world.fire(annotations={"value": "9"})

    with capture_logs() as logs:
        world.mask.look(world.now)
        world.mask.look(world.passes(5))
        world.fire(annotations={"value": "0.1"})
        world.mask.look(world.passes(5))

    assert len(world.raised) == 1
    assert world.raised[0]["severity"] == "page"
    assert [line["event"] for line in logs].count("alert_unmasked") == 1


def test_what_was_raised_resolves_by_itself_once_nobody_looks(world):
    world.fire(annotations={"value": "9"})
    world.mask.look(world.now)

    world.passes(60)

    assert not any("unmasked_by" in alert.labels for alert in world.manager._seen())


@pytest.mark.parametrize("noted", [{}, {"value": ""}, {"value": "40 %"}, {"other": "0.1"}])
def test_a_size_that_is_no_number_is_too_large(world, noted):
    world.fire(annotations=noted)

    world.mask.look(world.now)

    assert "cannot be read" in world.mask.held.masked[0].unmasked


def test_a_size_may_be_a_label():
    world = World({"atMost": 3, "label": "burn"}).begun()
    world.fire(burn="2")
    world.mask.look(world.now)
    world.fire(burn="4")
    world.mask.look(world.now)

    assert sorted(bool(one.unmasked) for one in world.mask.held.masked) == [False, True]


@pytest.mark.parametrize(("size", "masked"), [(0.4, True), (0.6, False), (None, False)])
def test_a_size_may_be_measured(size, masked):
    world = World(BY_QUERY).begun()
    world.manager.sizes = {} if size is None else {"size": size}
    world.fire()

    world.mask.look(world.now)

    assert (world.mask.held.masked[0].unmasked == "") is masked


def test_a_size_that_nobody_can_measure_now_is_too_large(monkeypatch):
    world = World(BY_QUERY).begun()
    world.fire()

    def down(_):
        raise Unavailable("Prometheus does not answer")

    monkeypatch.setattr(world.manager, "measure", down)
    world.mask.look(world.now)

    assert world.raised


def test_nothing_is_silenced_whose_size_could_never_be_measured(monkeypatch):
    world = World(BY_NOTE, BY_QUERY)

    def no_query(query):
        raise Refused(f"{query} is no query")

    monkeypatch.setattr(world.manager, "measure", no_query)

    with pytest.raises(Refused):
        world.mask.begin(world.now)
    assert world.manager.silences() == ()


def test_the_end_has_a_last_look_and_leaves_no_silence(world):
    world.fire()

    report = world.mask.end(world.now)

    assert [one.alertname for one in report.alerts] == ["Alert0"]
    assert report.left == ""
    assert world.manager.silences() == ()


def test_what_cannot_be_ended_now_is_said_and_ends_by_itself(world):
    world.manager.down = True

    report = world.mask.end(world.now)

    assert "end by themselves" in report.left
    world.manager.down = False
    world.passes(60)
    assert world.manager.silences() == ()


def test_one_release_is_not_another_whose_name_begins_like_it(world):
    (mine,) = world.manager.silences()
    longer = Target(service="checkout", environment="staging-2")
    for name in (owner(RELEASE, longer), owner(f"{RELEASE}2", TARGET), "ana"):
        world.manager.put(mine._replace(id=None, created_by=name))

    assert lift(world.manager, RELEASE, TARGET) == 1
    assert lift(world.manager, RELEASE, None) == 1
    assert len(world.manager.silences()) == 2


def test_what_is_held_survives_a_heartbeat(world):
    world.fire()
    world.mask.look(world.now)

    assert Held.model_validate_json(world.mask.held.model_dump_json()) == world.mask.held
    assert isinstance(world.mask.held.silences[0], HeldSilence)
