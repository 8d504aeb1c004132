"""The same promises of AlertsPort, kept by the fake and by a real Alertmanager with a pager."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from activities.alerts import MANAGERS
from activities.alerts.activities import AlertsActivities, Ending
from activities.alerts.manager import Silence
from activities.alerts.mask import Held, owner
from tests.contract.alerting import Pager, alertmanager, pager
from tests.fakes.alerts import FakeAlertManager
from tests.loopback import eventually, free_port
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.values import Provider, Target, digest_of
from workflows.domain.watching.silences import (
    AlertsSpec,
    ExpectedAlert,
    Masking,
    Matcher,
    about,
    masking,
)
from workflows.ports.alerts import HoldSilences, LiftSilences, MaskedAlerts

VERSION = digest_of("checkout v2")
SHORT = timedelta(seconds=2)
ROOT = Path(__file__).parents[2]
OFTEN = timedelta(milliseconds=100)


class Here:
    """One alert manager of a kind, and whoever is on call for it."""

    def __init__(self, manager: Any, paged: Callable[[], list[dict[str, str]]]) -> None:
        self.manager = manager
        self._paged = paged
        self.provider = Provider(type=manager.type, connection="staging")

    def fire(self, *, size: str = "0.1", **labels: str) -> None:
        """As Prometheus does for an alert that goes on."""
        now = datetime.now(UTC)
        ends = now + timedelta(minutes=5)
        self.manager.fire(labels, {"value": size}, starts_at=now, ends_at=ends)

    def paged(self, **labels: str) -> bool:
        return any(labels.items() <= told.items() for told in self._paged())

    def pages(self, **labels: str) -> None:
        eventually(lambda: self.paged(**labels), f"a page of {labels} in {self._paged()}")


class Shift:
    """One target while it is shifted, by an activity that runs in a thread as the worker's do."""

    def __init__(self, here: Here, *, window: str = "10m", ends_after: timedelta = SHORT) -> None:
        self.here = here
        name = uuid4().hex[:8]
        self.target = Target(service=f"checkout-{name}", environment="staging")
        self.release = f"release/shop/{name}"
        self.masking = self._masking(window)
        self.labels = {m.name: m.value for m in about(self.masking, self.target)}
        self.expected = {"alertname": "LatencyHigh", "severity": "warning", **self.labels}
        self.ask = HoldSilences(
            target=self.target,
            masking=self.masking,
            release=self.release,
            ends_after=ends_after,
            every=OFTEN,
        )
        self.left = Held()
        self._told = threading.Event()
        self._ending = Ending.CANCELLED
        self.port = AlertsActivities(
            lambda _: here.manager,
            beat=self._beat,
            left=lambda: self.left,
            wait=self._wait,
        )

    def _masking(self, window: str) -> Masking:
        spec = ExpectedAlert.model_validate(
            {
                "alertname": "LatencyHigh",
                "expected": {"atMost": 0.5, "annotation": "value"},
                "window": window,
            }
        )
        alerts = AlertsSpec(type=self.here.provider.type, connection="staging")
        found = masking([spec], alerts, target=self.target, version=VERSION)
        assert found is not None
        return found

    def _beat(self, held: Held) -> None:
        self.left = held

    def _wait(self, span: timedelta) -> Ending | None:
        return self._ending if self._told.wait(span.total_seconds()) else None

    @contextmanager
    def held(self) -> Iterator["Future[MaskedAlerts]"]:
        """Silenced for as long as the block; then what it has come to."""
        self._told.clear()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(self.port.hold_silences, self.ask)
            try:
                eventually(lambda: self.muting() or future.done(), "the silence to begin")
                yield future
            finally:
                self._told.set()

    def die(self) -> None:
        """From now on nobody extends, and nobody ends: what a kill -9 leaves."""
        self._ending = Ending.HANDED_OVER
        self._told.set()

    def live(self) -> None:
        """The next attempt goes on until the shift ends."""
        self._ending = Ending.CANCELLED

    def silences(self) -> list[Silence]:
        mine = owner(self.release, self.target)
        return [one for one in self.here.manager.silences() if one.created_by == mine]

    def muting(self) -> bool:
        return any(one.starts_at <= datetime.now(UTC) for one in self.silences())

    def fire(self, *, size: str = "0.1", **labels: str) -> dict[str, str]:
        fired = self.expected | labels
        self.here.fire(size=size, **fired)
        return fired

    def masks(self, fired: dict[str, str]) -> None:
        """Wait until the alert was seen and found to be masked."""
        wanted = fired.items()
        eventually(
            lambda: any(one.labels.items() == wanted for one in self.left.masked),
            f"{fired} to be masked",
        )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("alertmanager")
    with pager() as person, alertmanager(folder, person.config) as url, httpx.Client() as client:
        yield Here(MANAGERS["alertmanager"](url, client=client), lambda: list(person.labels))


@pytest.fixture(params=["fake", "alertmanager"])
def here(request: pytest.FixtureRequest) -> Here:
    if request.param == "fake":
        fake = FakeAlertManager()
        return Here(fake, lambda: fake.paged)
    found: Here = request.getfixturevalue("real")
    return found


# Promises of the port


def test_an_expected_alert_pages_nobody_and_is_in_the_report(here):
    shift = Shift(here)

    with shift.held() as ended:
        fired = shift.fire()
        shift.masks(fired)
        shift.fire(size="0.3")
        eventually(lambda: shift.left.masked[0].peak == 0.3, "the second look")
        assert not here.paged(**fired)

    (told,) = ended.result().alerts
    assert (told.alertname, told.peak, told.unmasked) == ("LatencyHigh", 0.3, "")
    assert told.since <= told.until
    assert shift.silences() == []


def test_what_goes_on_when_the_shift_ends_is_heard(here):
    shift = Shift(here)

    with shift.held():
        fired = shift.fire()
        shift.masks(fired)

    here.pages(**fired)


@pytest.mark.parametrize("severity", ["page", "critical", "CRITICAL"])
def test_an_alert_that_pages_does_so_during_the_shift(here, severity):
    shift = Shift(here)

    with shift.held():
        here.pages(**shift.fire(severity=severity))


@pytest.mark.parametrize(
    "other",
    [
        {"environment": "production"},
        {"service": "payments"},
        {"arm": "checkout-000000000000"},
        {"arm": ""},
        {"alertname": "ErrorsHigh"},
    ],
)
def test_only_the_new_version_s_own_expected_alert_is_masked(here, other):
    shift = Shift(here)

    with shift.held():
        fired = {k: v for k, v in (shift.expected | other).items() if v}
        fired["instance"] = shift.release
        here.fire(**fired)
        here.pages(**fired)


@pytest.mark.parametrize("size", ["0.51", "7", "nan", "high", ""])
def test_a_masked_alert_that_is_larger_than_expected_or_of_unknown_size_pages(here, size):
    shift = Shift(here)

    with shift.held() as ended:
        fired = shift.fire(size=size)
        here.pages(**fired | {"severity": "page", "unmasked_by": "lockgate"})
        assert not here.paged(**fired)

    (told,) = ended.result().alerts
    assert "size" in told.unmasked
    assert told.unmasked_at is not None
    assert "raised again" in str(ended.result())


def test_a_masked_alert_that_outlives_its_window_pages(here):
    shift = Shift(here, window="500ms")

    with shift.held() as ended:
        fired = shift.fire()
        shift.masks(fired)
        here.pages(**fired | {"severity": "page", "unmasked_by": "lockgate"})

    assert "longer than 500ms" in ended.result().alerts[0].unmasked


def test_a_silence_goes_on_for_longer_than_its_own_end(here):
    shift = Shift(here)

    with shift.held():
        (first,) = shift.silences()
        eventually(lambda: datetime.now(UTC) > first.ends_at, "the first end to pass")
        fired = shift.fire()
        shift.masks(fired)
        assert not here.paged(**fired)
        assert len(shift.silences()) == 1


def test_a_silence_that_nobody_extends_is_gone_by_itself(here):
    shift = Shift(here)

    with shift.held() as ended:
        fired = shift.fire()
        shift.masks(fired)
        shift.die()
        with pytest.raises(Unavailable, match="the next attempt goes on"):
            ended.result()
        assert shift.muting()

    eventually(lambda: not shift.silences(), "the silence to end by itself")
    here.pages(**fired)


def test_the_next_attempt_finds_the_silence_and_what_was_masked(here):
    shift = Shift(here, ends_after=timedelta(seconds=20))
    with shift.held():
        shift.masks(shift.fire(size="0.4"))
        shift.die()
    left, before = shift.left, shift.silences()

    shift.live()
    with shift.held() as ended:
        shift.fire(size="0.2")
        eventually(lambda: shift.left.masked[0].until > left.masked[0].until, "another look")
        assert [one.id for one in shift.silences()] == [one.id for one in before]

    assert [one.peak for one in ended.result().alerts] == [0.4]
    assert [one.since for one in ended.result().alerts] == [left.masked[0].since]
    assert shift.silences() == []


def test_an_attempt_that_knows_nothing_of_the_one_before_makes_no_second_silence(here):
    shift = Shift(here, ends_after=timedelta(seconds=20))
    with shift.held():
        shift.die()
    shift.live()
    shift.left = Held()

    with shift.held():
        assert len(shift.silences()) == 1

    assert shift.silences() == []


def test_lifting_ends_the_silences_of_one_release_and_no_other(here):
    one, other = Shift(here), Shift(here)

    with other.held():
        with one.held():
            one.die()
        lift = LiftSilences(provider=here.provider, release=one.release)
        assert one.port.lift_silences(lift).silences == 1
        assert one.port.lift_silences(lift).silences == 0
        assert one.silences() == []
        assert len(other.silences()) == 1


def test_what_somebody_lifts_is_not_silenced_again(here):
    shift = Shift(here)

    with shift.held():
        shift.port.lift_silences(
            LiftSilences(provider=here.provider, release=shift.release, target=shift.target)
        )
        eventually(lambda: shift.left.silences[0].ended, "the next look")
        here.pages(**shift.fire())

    assert shift.silences() == []


_HOLDER = """
import sys, threading, httpx
from activities.alerts import MANAGERS
from activities.alerts.activities import AlertsActivities
from activities.alerts.mask import Held
from workflows.ports.alerts import HoldSilences
manager = MANAGERS["alertmanager"](sys.argv[1], client=httpx.Client())
port = AlertsActivities(
    lambda _: manager,
    beat=lambda held: None,
    left=Held,
    wait=lambda span: threading.Event().wait(span.total_seconds()) or None,
)
port.hold_silences(HoldSilences.model_validate_json(sys.argv[2]))
"""


def test_a_process_that_is_killed_while_it_silences_leaves_no_silence_behind(real):
    shift = Shift(real)
    command = [sys.executable, "-c", _HOLDER, real.manager._url, shift.ask.model_dump_json()]
    with subprocess.Popen(command, cwd=ROOT) as holder:
        try:
            eventually(shift.muting, "the silence to begin")
            first = shift.silences()[0].ends_at
            eventually(lambda: shift.silences()[0].ends_at > first, "it to be extended")
            fired = shift.fire()
        finally:
            holder.send_signal(signal.SIGKILL)
    assert holder.returncode == -signal.SIGKILL

    assert shift.muting()
    eventually(lambda: not shift.silences(), "the silence to end by itself")
    real.pages(**fired)


# Promises of the managers


def a_silence(**changes: Any) -> Silence:
    now = datetime.now(UTC)
    made = Silence(
        matchers=(Matcher(name="alertname", value=uuid4().hex),),
        starts_at=now.replace(microsecond=0) + timedelta(seconds=1),
        ends_at=now + timedelta(seconds=30),
        created_by="tests",
        comment="a test",
    )
    return made._replace(**changes)


def test_a_silence_is_changed_in_its_place(here):
    made = a_silence()

    first = here.manager.put(made)
    later = made.ends_at + timedelta(seconds=30)
    second = here.manager.put(made._replace(id=first, ends_at=later))

    (found,) = (one for one in here.manager.silences() if one.matchers == made.matchers)
    assert first == second == found.id
    assert abs(found.ends_at - later) < timedelta(milliseconds=2)


def test_ending_what_has_ended_or_never_was_is_fine(here):
    name = here.manager.put(a_silence())

    here.manager.expire(name)
    here.manager.expire(name)
    here.manager.expire(str(uuid4()))

    assert name not in {one.id for one in here.manager.silences()}


def test_a_silence_that_ends_before_it_begins_is_refused(here):
    past = datetime.now(UTC) - timedelta(hours=1)

    with pytest.raises(Refused):
        here.manager.put(a_silence(starts_at=past, ends_at=past + timedelta(minutes=1)))


def test_a_query_without_a_server_for_it_is_refused(real):
    with pytest.raises(Refused, match="prometheus"):
        real.manager.measure("up")


def test_a_manager_that_is_not_there_is_unavailable():
    with httpx.Client() as client:
        nobody = MANAGERS["alertmanager"](f"http://127.0.0.1:{free_port()}", client=client)

        with pytest.raises(Unavailable, match="Alertmanager"):
            nobody.silences()


def test_the_pager_of_these_tests_hears_what_is_not_silenced(real):
    """So that not being paged means something."""
    person = Pager()
    assert not person.has(alertname="Anything")

    real.fire(alertname="Anything", severity="warning")

    real.pages(alertname="Anything")
