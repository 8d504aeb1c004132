"""Which database is asked, and what ends a check, with the database and the leases in memory."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from activities.databases import DatabasesActivities
from tests.fakes.databases import FakeDatabases
from workflows.domain.errors import DataInconsistent, TargetMissing, Unavailable
from workflows.domain.release.plan import DataRule
from workflows.domain.values import Provider, Target
from workflows.ports.databases import CheckData

EVERY = timedelta(milliseconds=5)
SHOP = Provider(type="memory", connection="shop")


@dataclass(frozen=True)
class Place:
    type: str = "memory"
    host: str = "127.0.0.1"
    port: int = 5432
    name: str = "shop"
    vault_role: str = "shop-read"


class MemoryDatabase:
    """Leases, login, database and session in one; a query is the number that it finds."""

    username = "v-shop"
    password = "leased"

    def __init__(self):
        self.open, self.leased, self.renewals, self.interrupted = 0, [], 0, 0
        self.lost = False
        self.on_query = lambda: None
        self.ended = threading.Event()

    @contextmanager
    def lease_credentials(self, role, release):
        self.leased.append((role, release))
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    @contextmanager
    def connect(self, login):
        yield self

    def renew(self):
        self.renewals += 1
        if self.lost:
            raise Unavailable("the lease is lost")

    def number(self, rule):
        self.on_query()
        return int(rule.query)

    def interrupt(self):
        self.interrupted += 1
        self.ended.set()

    def wait_for_the_interruption(self):
        assert self.ended.wait(20)
        raise Unavailable("the query was cancelled")


@pytest.fixture
def memory():
    return MemoryDatabase()


@pytest.fixture
def checks(memory):
    kinds = {"memory": lambda place: memory, "other": lambda place: memory}
    return DatabasesActivities({"shop": Place()}, memory, kinds=kinds, every=EVERY)


def a_check(*numbers, database=SHOP):
    rules = tuple(DataRule(name=f"is-{n}", query=str(n), expect=0) for n in numbers)
    target = Target(service="checkout", environment="production")
    return CheckData(target=target, database=database, rules=rules, release="release/shop/abc")


def test_every_rule_is_asked_with_one_login(checks, memory):
    report = ActivityEnvironment().run(checks.check_data, a_check(0, 0))

    assert [finding.found for finding in report.findings] == [0, 0]
    assert memory.leased == [("shop-read", "release/shop/abc")]
    assert memory.open == 0


def test_a_check_without_rules_finds_nothing(checks):
    assert ActivityEnvironment().run(checks.check_data, a_check()).findings == ()


@pytest.mark.parametrize("port", ["fake", "real"])
def test_a_wrong_number_is_inconsistent_data(checks, port):
    fake = FakeDatabases()
    fake.findings["is-3"] = 3

    with pytest.raises(DataInconsistent, match="checkout@production"):
        ActivityEnvironment().run((fake if port == "fake" else checks).check_data, a_check(0, 3))


@pytest.mark.parametrize(
    ("database", "said"),
    [
        (Provider(type="mysql", connection="shop"), "known are memory, other"),
        (Provider(type="memory", connection="stock"), "known are shop"),
        (Provider(type="other", connection="shop"), "is of type 'memory', not 'other'"),
    ],
)
def test_a_database_that_the_worker_does_not_know_is_missing(checks, memory, database, said):
    with pytest.raises(TargetMissing, match=said):
        ActivityEnvironment().run(checks.check_data, a_check(0, database=database))

    assert memory.leased == []


def test_the_login_is_renewed_with_each_heartbeat(checks, memory):
    environment, beats, enough = ActivityEnvironment(), [], threading.Event()

    def beat(*_):
        beats.append(1)
        if memory.renewals > 2:
            enough.set()

    environment.on_heartbeat = beat
    memory.on_query = lambda: enough.wait(20)
    environment.run(checks.check_data, a_check(0))

    assert enough.is_set()
    assert len(beats) >= memory.renewals


def test_a_lost_login_interrupts_the_query_and_says_why(checks, memory):
    def lose():
        memory.lost = True
        memory.wait_for_the_interruption()

    memory.on_query = lose
    with pytest.raises(Unavailable, match="the lease is lost"):
        ActivityEnvironment().run(checks.check_data, a_check(0))

    assert memory.open == 0


def test_a_cancelled_check_interrupts_the_query_and_gives_its_login_back(checks, memory):
    environment = ActivityEnvironment()

    def cancel():
        environment.cancel()
        memory.wait_for_the_interruption()

    memory.on_query = cancel
    with pytest.raises(CancelledError):
        environment.run(checks.check_data, a_check(0))

    assert memory.interrupted > 0
    assert memory.open == 0
