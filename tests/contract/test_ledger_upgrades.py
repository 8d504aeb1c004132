"""How a ledger comes to its schema, on SQLite and on PostgreSQL: new, adopted, or refused."""

import importlib
import pkgutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

import activities.ledger
from activities.ledger import open_ledger
from activities.ledger.schema import metadata
from activities.ledger.upgrading import LedgerBehind, newest
from workflows.domain.audit import GENESIS, Entry, broken, link

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RELEASE = "release/shop/abc"
FIRST = link(
    RELEASE,
    1,
    Entry(key="a", at=NOON, action="shift_traffic", sentence="did a", outcome="done"),
    GENESIS,
)
SECOND = Entry(key="b", at=NOON, action="shift_traffic", sentence="did b", outcome="done")

# The schema as Lockgate made it before the ledger had revisions, word for word.
BEFORE = {
    "postgresql": [
        """CREATE TABLE evidence (chain VARCHAR NOT NULL, position INTEGER NOT NULL,
        key VARCHAR NOT NULL, at TIMESTAMP WITH TIME ZONE NOT NULL, action VARCHAR NOT NULL,
        sentence TEXT NOT NULL, outcome VARCHAR NOT NULL, detail TEXT NOT NULL, actor VARCHAR,
        previous VARCHAR(71) NOT NULL, hash VARCHAR(71) NOT NULL,
        PRIMARY KEY (chain, position), UNIQUE (chain, key))""",
        """CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'evidence is append-only: % refused', TG_OP USING ERRCODE = 'LG001';
        END $$""",
        """CREATE TRIGGER evidence_rows_stay BEFORE UPDATE OR DELETE ON evidence
        FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only()""",
        """CREATE TRIGGER evidence_stays BEFORE TRUNCATE ON evidence
        FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only()""",
        """CREATE TABLE chain_heads (chain VARCHAR NOT NULL, position INTEGER NOT NULL,
        hash VARCHAR(71) NOT NULL, PRIMARY KEY (chain))""",
        """CREATE TABLE leases (accessor VARCHAR NOT NULL, release VARCHAR NOT NULL,
        role VARCHAR NOT NULL, opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
        closed_at TIMESTAMP WITH TIME ZONE, PRIMARY KEY (accessor))""",
        "CREATE INDEX ix_leases_release ON leases (release)",
    ],
    "sqlite": [
        """CREATE TABLE evidence (chain VARCHAR NOT NULL, position INTEGER NOT NULL,
        "key" VARCHAR NOT NULL, at DATETIME NOT NULL, action VARCHAR NOT NULL,
        sentence TEXT NOT NULL, outcome VARCHAR NOT NULL, detail TEXT NOT NULL, actor VARCHAR,
        previous VARCHAR(71) NOT NULL, hash VARCHAR(71) NOT NULL,
        PRIMARY KEY (chain, position), UNIQUE (chain, "key")) WITHOUT ROWID""",
        """CREATE TRIGGER evidence_is_not_updated BEFORE UPDATE ON evidence BEGIN
        SELECT RAISE(ABORT, 'evidence is append-only: UPDATE refused'); END""",
        """CREATE TRIGGER evidence_is_not_deleted BEFORE DELETE ON evidence BEGIN
        SELECT RAISE(ABORT, 'evidence is append-only: DELETE refused'); END""",
        """CREATE TRIGGER evidence_is_not_replaced BEFORE INSERT ON evidence
        WHEN EXISTS (SELECT 1 FROM evidence WHERE chain = NEW.chain
                     AND (position = NEW.position OR key = NEW.key)) BEGIN
        SELECT RAISE(ABORT, 'evidence is append-only: REPLACE refused'); END""",
        """CREATE TABLE chain_heads (chain VARCHAR NOT NULL, position INTEGER NOT NULL,
        hash VARCHAR(71) NOT NULL, PRIMARY KEY (chain))""",
        """CREATE TABLE leases (accessor VARCHAR NOT NULL, "release" VARCHAR NOT NULL,
        role VARCHAR NOT NULL, opened_at DATETIME NOT NULL, closed_at DATETIME,
        PRIMARY KEY (accessor))""",
        'CREATE INDEX ix_leases_release ON leases ("release")',
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    postgres = request.getfixturevalue("postgres")
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture
def database(url):
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def old(database):
    """A ledger of before, with one entry of a release and a lease that is open."""
    with database.begin() as connection:
        for statement in BEFORE[database.dialect.name]:
            connection.execute(text(statement))
        zone = "" if database.dialect.name == "sqlite" else "+00"
        stored = {"chain": RELEASE, "at": f"2026-03-01 12:00:00.000000{zone}"}
        connection.execute(
            text(
                "INSERT INTO evidence VALUES (:chain, 1, 'a', :at, 'shift_traffic', 'did a', "
                "'done', '', NULL, :previous, :hash)"
            ),
            {**stored, "previous": GENESIS, "hash": FIRST.hash},
        )
        connection.execute(
            text("INSERT INTO chain_heads VALUES (:chain, 1, :hash)"),
            {"chain": RELEASE, "hash": FIRST.hash},
        )
        connection.execute(
            text("INSERT INTO leases VALUES ('one', :chain, 'read', :at, NULL)"), stored
        )


@pytest.fixture
def ledger(url):
    ledger = open_ledger(url)
    yield ledger
    ledger.dispose()


def differences(database):
    """Between the tables as declared, all areas', and the database as upgraded."""
    for module in pkgutil.iter_modules(activities.ledger.__path__):
        if module.name.endswith("_tables"):
            importlib.import_module(f"activities.ledger.{module.name}")
    with database.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def test_revisions_make_the_tables_that_the_code_declares(ledger, database):
    ledger.prepare()

    assert ledger.revision() == newest()
    assert differences(database) == []


def test_a_ledger_of_before_is_adopted_with_all_that_it_holds(old, ledger, database):
    assert ledger.revision() == "0001"

    page = ledger.page(RELEASE)

    assert page.links == (FIRST,)
    assert ledger.open_leases(RELEASE) == ("one",)
    assert ledger.revision() == newest()
    assert differences(database) == []


def test_an_adopted_chain_is_continued(old, ledger):
    head = ledger.append(RELEASE, [SECOND])

    assert head.position == 2
    assert broken(ledger.page(RELEASE).links, head=head.hash) is None


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_record SET outcome = 'x'", "DELETE FROM audit_record"]
)
def test_an_adopted_record_is_kept_as_it_was_written(old, ledger, database, statement):
    ledger.prepare()

    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))

    assert ledger.page(RELEASE).links == (FIRST,)


def test_eight_workers_that_start_at_once_adopt_it_once(old, url):
    start = threading.Barrier(8)

    def begin(_worker):
        ledger = open_ledger(url)
        start.wait()
        ledger.prepare()
        found = ledger.revision()
        ledger.dispose()
        return found

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(begin, range(8))) == {newest()}


def test_a_login_that_may_not_upgrade_says_who_should(postgres):
    name = postgres.database()
    with postgres.connect(name) as connection:
        for statement in BEFORE["postgresql"]:
            connection.execute(statement)
        connection.execute(f"CREATE ROLE reader_{name} LOGIN PASSWORD 'open'")
        connection.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO reader_{name}")
    ledger = open_ledger(
        f"postgresql+psycopg://127.0.0.1:{postgres.port}/{name}",
        sign_in=lambda: (f"reader_{name}", "open"),
    )

    with pytest.raises(LedgerBehind, match=r"at revision 0001.*lockgate-worker ledger upgrade"):
        ledger.prepare()

    assert ledger.revision() == "0001"
    ledger.dispose()
