"""How a connection is asked for, and what PostgreSQL's answers are called, without one."""

import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
import structlog
from psycopg import errors
from psycopg.pq import DiagnosticField

from activities.databases.postgres import Postgres, PostgresSession
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.release.plan import DataRule

RULE = DataRule(name="no-orphans", query="select 0", expect=0)
CANARY = "canary-of-the-login"


@dataclass(frozen=True)
class Place:
    type: str = "postgresql"
    host: str = "127.0.0.1"
    port: int = 1
    name: str = "shop"
    vault_role: str = "shop-read"


class Login:
    username = "v-shop"
    password = CANARY

    def renew(self):
        """Never asked here."""


class WireConnection:
    """What psycopg's connection and cursor do with *rows*, or with a query that fails."""

    def __init__(self, *rows, failure=None):
        self.rows, self.failure = rows, failure
        self.read_only = False
        self.closed = 0
        self.taken = 0
        self.asked = []

    @contextmanager
    def transaction(self):
        yield

    @contextmanager
    def cursor(self):
        yield self

    def stream(self, query):
        self.asked.append(query)
        if self.failure:
            raise self.failure
        for row in self.rows:
            self.taken += 1
            yield row

    def cancel_safe(self, *, timeout):
        self.asked.append(("cancel", timeout))
        if self.failure:
            raise self.failure

    def close(self):
        self.closed += 1


@pytest.fixture
def dial(monkeypatch):
    """Stands for libpq: hands out a connection and notes what it was asked with."""
    dialled = {"connection": WireConnection((0,))}

    def connect(**asked):
        dialled.update(asked)
        return dialled["connection"]

    monkeypatch.setattr(psycopg, "connect", connect)
    return dialled


def session_of(connection):
    return PostgresSession(
        connection, "postgresql db.test:5432/shop", patience=timedelta(seconds=2)
    )


def find(*rows, failure=None):
    return session_of(WireConnection(*rows, failure=failure)).number(RULE)


def test_a_session_can_only_read_and_not_for_ever(dial):
    with Postgres(Place(), patience=timedelta(seconds=1.5)).connect(Login()) as session:
        assert session.number(RULE) == 0

    assert dial["connection"].read_only is True
    assert dial["options"].split(" -c ") == [
        "-c statement_timeout=1500",
        "default_transaction_read_only=on",
    ]


def test_a_session_is_opened_as_the_leased_user_and_closed_when_its_use_fails(dial):
    with pytest.raises(KeyError), Postgres(Place()).connect(Login()):
        raise KeyError

    assert (dial["user"], dial["password"]) == ("v-shop", CANARY)
    assert (dial["host"], dial["port"], dial["dbname"]) == ("127.0.0.1", 1, "shop")
    assert dial["connection"].closed == 1


def test_a_database_that_cannot_be_connected_to_never_shows_the_login():
    """The driver's own error may quote what it was given, so it is not even chained."""
    with (
        pytest.raises(Unavailable, match=r"postgresql 127\.0\.0\.1:1/shop: cannot be") as absence,
        Postgres(Place()).connect(Login()),
    ):
        pytest.fail("nothing listens there")

    assert CANARY not in "".join(traceback.format_exception(absence.value))
    assert absence.value.__context__ is None


@pytest.mark.parametrize(
    ("value", "number"), [(0, 0), (-3, -3), (Decimal(700), 700), (Decimal("7E+2"), 700)]
)
def test_one_row_of_one_whole_number_is_the_answer(value, number):
    found = find((value,))

    assert (found, type(found)) == (number, int)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        ([(1,), (2,)], "several rows"),
        ([(1, 2)], "2 columns"),
        ([()], "0 columns"),
        ([(None,)], "NULL"),
        ([(True,)], "a bool"),
        ([("0",)], "a str"),
        ([(0.0,)], "a float"),
        ([(Decimal("0.5"),)], "a Decimal"),
        ([(Decimal("NaN"),)], "a Decimal"),
        ([(Decimal("Infinity"),)], "a Decimal"),
    ],
)
def test_any_other_answer_is_refused_and_says_what_was_found(rows, said):
    with pytest.raises(Refused, match=f"'no-orphans': .*one whole number; found {said}$"):
        find(*rows)


def test_a_table_is_never_loaded_to_learn_that_it_has_several_rows():
    connection = WireConnection(*[(1,)] * 1000)

    with pytest.raises(Refused, match="several rows"):
        session_of(connection).number(RULE)

    assert connection.taken == 2


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        (errors.QueryCanceled(), Unavailable, "did not answer within 0:00:02"),
        (errors.AdminShutdown(), Unavailable, "no answer: AdminShutdown"),
        (psycopg.OperationalError("lost"), Unavailable, "no answer: OperationalError"),
        (psycopg.ProgrammingError("nothing to fetch"), Refused, "found no result"),
        (errors.DivisionByZero(), Refused, "DivisionByZero; correct its query in the catalog"),
        (errors.ReadOnlySqlTransaction(), Refused, "ReadOnlySqlTransaction; correct its query"),
    ],
)
def test_a_failed_query_is_named_by_what_to_do_and_chained_to_nothing(failure, kind, said):
    with pytest.raises(kind, match="data check 'no-orphans'") as problem:
        find(failure=failure)

    assert said in str(problem.value)
    assert type(problem.value) is kind
    assert problem.value.__context__ is None


def quoting(kind, text):
    return kind("quoted", info={DiagnosticField.MESSAGE_PRIMARY: text.encode()})


def test_the_database_is_quoted_about_the_query_and_never_about_the_data():
    with pytest.raises(Refused, match='UndefinedTable: relation "nosuch" does not exist'):
        find(failure=quoting(errors.UndefinedTable, 'relation "nosuch" does not exist'))

    unreadable = quoting(errors.InvalidTextRepresentation, f'invalid integer: "{CANARY}"')
    with pytest.raises(Refused) as refusal:
        find(failure=unreadable)
    assert CANARY not in "".join(traceback.format_exception(refusal.value))


def test_an_interruption_is_sent_and_does_not_wait_for_ever():
    connection = WireConnection()

    session_of(connection).interrupt()

    assert connection.asked == [("cancel", 5)]


def test_an_interruption_that_fails_leaves_the_query_to_its_time_limit():
    connection = WireConnection(failure=psycopg.OperationalError(CANARY))

    with structlog.testing.capture_logs() as logged:
        session_of(connection).interrupt()

    assert [(line["event"], line["reason"]) for line in logged] == [
        ("query_not_interrupted", "OperationalError")
    ]
    assert CANARY not in str(logged)


def test_a_session_does_not_show_its_connection():
    assert "WireConnection" not in repr(session_of(WireConnection()))
