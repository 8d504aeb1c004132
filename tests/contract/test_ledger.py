"""What the ledger promises, on SQLite, on PostgreSQL, and of its fake."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from activities.audit import AuditActivities
from activities.ledger import ledger as ledger_in
from activities.ledger import open_ledger
from tests.fakes.audit import FakeAudit
from workflows.domain.audit import Entry, broken
from workflows.domain.audit_log.access import ACCESS, Access, entry_of_read
from workflows.domain.errors import Diverged, Unavailable
from workflows.ports.audit import AppendRecord, ListChains, ReadRecord

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RELEASE = "release/shop/abc"


def an_entry(key, **fields):
    shown = {"at": NOON, "action": "shift_traffic", "sentence": f"did {key}", "outcome": "done"}
    return Entry(key=key, **{**shown, **fields})


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return place(request.param, request, tmp_path)


def place(kind, request, tmp_path):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    postgres = request.getfixturevalue("postgres")
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture
def opened(url):
    """Opens the ledger at the same place, as another process would."""
    ledgers = []

    def open_one():
        ledgers.append(open_ledger(url))
        return ledgers[-1]

    yield open_one
    for ledger in ledgers:
        ledger.dispose()


@pytest.fixture
def ledger(opened):
    return opened()


@pytest.fixture
def database(url):
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def port(request, tmp_path):
    if request.param == "fake":
        yield FakeAudit()
        return
    ledger = open_ledger(place(request.param, request, tmp_path))
    yield AuditActivities(ledger)
    ledger.dispose()


def append(port, *entries):
    return port.append_record(AppendRecord(release=RELEASE, entries=entries))


def test_what_was_appended_is_read_back_as_an_intact_chain(port):
    entries = [an_entry(str(number), actor="ana", detail="ü\n{}") for number in range(3)]

    head = append(port, *entries)
    page = port.read_record(ReadRecord(release=RELEASE))

    assert [link.entry for link in page.links] == entries
    assert page.head == head
    assert broken(page.links, head=head.hash) is None


def test_the_record_of_a_release_without_one_is_empty(port):
    page = port.read_record(ReadRecord(release=RELEASE))

    assert (page.links, page.head) == ((), None)
    assert append(port).position == 0


def test_the_record_is_read_page_by_page(port):
    append(port, *(an_entry(str(number)) for number in range(5)))

    page = port.read_record(ReadRecord(release=RELEASE, after=2, limit=2))

    assert [link.position for link in page.links] == [3, 4]
    assert page.head is not None
    assert page.head.position == 5


def test_who_reads_is_on_the_record_once_for_all_pages_of_a_session(port):
    append(port, *(an_entry(str(number)) for number in range(5)))
    access = Access(reader="ana", session="s1", at=NOON, purpose="events")
    for after in (0, 2, 4):
        port.read_record(ReadRecord(release=RELEASE, after=after, limit=2, access=access))
    again = access.model_copy(update={"session": "s2"})
    port.read_record(ReadRecord(release=RELEASE, access=again))

    links = port.read_record(ReadRecord(release=ACCESS)).links

    assert [link.entry for link in links] == [
        entry_of_read(access, RELEASE),
        entry_of_read(again, RELEASE),
    ]


def test_whoever_reads_the_reads_is_shown_themselves(port):
    access = Access(reader="ana", session="s1", at=NOON)

    (link,) = port.read_record(ReadRecord(release=ACCESS, access=access)).links

    assert link.entry == entry_of_read(access, ACCESS)


def test_chains_are_listed_by_name_page_by_page_once_they_hold_an_entry(port):
    for chain in ("release/b/1", "release/a/1", "calendar"):
        port.append_record(AppendRecord(release=chain, entries=(an_entry("a"),)))
    port.append_record(AppendRecord(release="release/empty/1", entries=()))

    first = port.list_chains(ListChains(limit=2)).chains
    rest = port.list_chains(ListChains(after=first[-1])).chains

    assert (first, rest) == (("calendar", "release/a/1"), ("release/b/1",))


def test_an_entry_sent_again_is_recorded_once(port):
    first = append(port, an_entry("a"))

    assert append(port, an_entry("a"), an_entry("b"), an_entry("b")).position == 2
    assert append(port, an_entry("a"), an_entry("b")).position == 2
    assert first.position == 1


def test_another_content_under_a_recorded_key_diverges_and_appends_nothing(port):
    append(port, an_entry("a"))

    with pytest.raises(Diverged, match="'a'"):
        append(port, an_entry("b"), an_entry("a", outcome="Refused"))

    assert append(port).position == 1


def test_the_same_key_belongs_to_each_release_anew(port):
    append(port, an_entry("a"))
    other = AppendRecord(release="release/other/1", entries=(an_entry("a"),))

    assert port.append_record(other).position == 1


@pytest.mark.parametrize("field", ["outcome", "detail", "sentence", "at", "actor", "action"])
def test_the_divergence_names_the_field(ledger, field):
    ledger.append(RELEASE, [an_entry("a")])
    changed = {field: NOON + timedelta(microseconds=1) if field == "at" else "else"}

    with pytest.raises(Diverged, match=f"'a' is recorded at position 1 with another {field};"):
        ledger.append(RELEASE, [an_entry("a", **changed)])


def test_a_moment_of_another_zone_is_the_same_moment(ledger):
    berlin = NOON.astimezone(timezone(timedelta(hours=2))) + timedelta(microseconds=7)
    ledger.append(RELEASE, [an_entry("a", at=berlin)])

    page = ledger.page(RELEASE)

    assert page.links[0].entry.at.tzinfo is UTC
    assert broken(page.links) is None
    assert ledger.append(RELEASE, [an_entry("a", at=berlin.astimezone(UTC))]).position == 1


def test_text_that_a_database_cannot_hold_is_made_holdable(ledger):
    ledger.append(RELEASE, [an_entry("a", detail="before\0after")])

    page = ledger.page(RELEASE)

    assert page.links[0].entry.detail == "before␀after"
    assert broken(page.links) is None


def test_eight_writers_make_one_chain_without_gaps(opened):
    """Each has a ledger of its own, and all start on a database without a schema."""
    start = threading.Barrier(8)

    def write(writer):
        ledger = opened()
        start.wait()
        for number in range(25):
            ledger.append(RELEASE, [an_entry(f"{writer}/{number}")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))  # raises what a writer raised

    page = opened().page(RELEASE, limit=1000)
    assert [link.position for link in page.links] == list(range(1, 201))
    assert len({link.entry.key for link in page.links}) == 200
    assert broken(page.links, head=page.head.hash) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET sentence = 'nothing happened'",
        "DELETE FROM audit_record",
        "DELETE FROM audit_record WHERE position = 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_record(ledger, database, statement):
    ledger.append(RELEASE, [an_entry("a"), an_entry("b")])

    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))

    page = ledger.page(RELEASE)
    assert broken(page.links, head=page.head.hash) is None


def test_the_database_refuses_its_own_way_around(ledger, database):
    ledger.append(RELEASE, [an_entry("a")])
    around = {
        "postgresql": "TRUNCATE audit_record",
        "sqlite": "INSERT OR REPLACE INTO audit_record SELECT chain, position, 'other', at, "
        "action, 'else', outcome, detail, actor, previous, hash FROM audit_record",
    }

    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(around[database.dialect.name]))


def test_a_record_that_was_cut_behind_the_triggers_is_not_built_upon(ledger, database):
    ledger.append(RELEASE, [an_entry("a"), an_entry("b")])
    rule = {
        "postgresql": "ALTER TABLE audit_record DISABLE TRIGGER USER",
        "sqlite": "DROP TRIGGER audit_record_is_not_deleted",
    }
    with database.begin() as connection:
        connection.execute(text(rule[database.dialect.name]))
        connection.execute(text("DELETE FROM audit_record WHERE position = 2"))

    with pytest.raises(Diverged, match="changed outside Lockgate"):
        ledger.append(RELEASE, [an_entry("c")])
    page = ledger.page(RELEASE)
    assert broken(page.links, head=page.head.hash) is not None


def test_a_lease_is_open_until_it_is_closed(ledger):
    ledger.open_lease("two", release=RELEASE, role="read", at=NOON + timedelta(seconds=1))
    ledger.open_lease("one", release=RELEASE, role="read", at=NOON)
    ledger.open_lease("other", release="release/other/1", role="read", at=NOON)
    assert ledger.open_leases(RELEASE) == ("one", "two")

    ledger.close_lease("one", at=NOON)
    ledger.close_lease("one", at=NOON + timedelta(days=1))

    assert ledger.open_leases(RELEASE) == ("two",)


def test_closing_a_lease_twice_keeps_when_it_was_closed(ledger, database):
    ledger.open_lease("one", release=RELEASE, role="read", at=NOON)
    ledger.close_lease("one", at=NOON)
    ledger.close_lease("one", at=NOON + timedelta(days=1))

    with database.connect() as connection:
        closed_at = connection.execute(text("SELECT closed_at FROM leases")).scalar_one()

    assert str(closed_at).startswith("2026-03-01 12:00")


def test_a_ledger_held_by_another_writer_is_unavailable_and_later_answers(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    engine = create_engine(url, connect_args={"timeout": 0.05})
    ledger = ledger_in(engine)
    ledger.append(RELEASE, [an_entry("a")])

    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="ledger sqlite"):
            ledger.append(RELEASE, [an_entry("b")])

    assert ledger.append(RELEASE, [an_entry("b")]).position == 2
    ledger.dispose()


def test_a_database_without_rights_to_create_serves_a_ledger_that_is_there(postgres):
    name = postgres.database()
    place = f"127.0.0.1:{postgres.port}/{name}"
    owner = open_ledger(f"postgresql+psycopg://app@{place}")
    owner.append(RELEASE, [an_entry("a")])
    with postgres.connect(name) as link:
        link.execute(f"CREATE ROLE writer_{name} LOGIN PASSWORD 'open'")
        link.execute(f"GRANT SELECT, INSERT ON audit_record TO writer_{name}")
        link.execute(f"GRANT SELECT, INSERT, UPDATE ON chain_heads TO writer_{name}")
        link.execute(f"GRANT SELECT ON alembic_version TO writer_{name}")

    writer = open_ledger(
        f"postgresql+psycopg://{place}", sign_in=lambda: (f"writer_{name}", "open")
    )

    assert writer.append(RELEASE, [an_entry("b")]).position == 2
    writer.dispose()
    owner.dispose()
