"""Sealing and proving: in memory, and on a ledger, OpenBao's transit and S3 with Object Lock."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from activities.audit import AuditActivities
from activities.ledger import open_ledger
from activities.sealing import S3Seals, SealingActivities, TransitSigner
from activities.sealing.activities import SealPlace
from activities.secrets import open_vault
from tests.contract.emulators import client
from tests.fakes.audit import FakeAudit
from tests.fakes.sealing import FakeSealing
from tests.fakes.seals import FakeSeals, FakeTransit
from workflows.domain.audit import Entry, written
from workflows.domain.audit_log.access import ACCESS, Access
from workflows.domain.audit_log.checkpoint import read_checkpoint
from workflows.domain.audit_log.manifest import Manifest
from workflows.domain.audit_log.merkle import extends, includes, leaf_hash
from workflows.domain.audit_log.note import opened, read_key
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.ports.audit import AppendRecord, ReadRecord
from workflows.ports.sealing import CheckLog, ProveRecords, ReadSeals, SealRecord, SignPack

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA = Access(reader="ana", session="s1", at=NOON)
SHOP, OTHER = "release/shop/abc", "release/other/def"
POLICY = """
path "transit/sign/lockgate-audit" { capabilities = ["update"] }
path "transit/keys/lockgate-audit" { capabilities = ["read"] }
"""


class Both:
    """The record and its log, as one pool serves them; *url* where a database is behind them."""

    def __init__(self, audit, sealing, url=None):
        self.audit, self.sealing, self.url = audit, sealing, url

    def append(self, chain, *keys):
        entries = tuple(
            Entry(key=key, at=NOON, action="shift_traffic", sentence=f"did {key}", outcome="done")
            for key in keys
        )
        self.audit.append_record(AppendRecord(release=chain, entries=entries))

    def links(self, chain):
        return self.audit.read_record(ReadRecord(release=chain)).links

    def seal(self):
        return self.sealing.seal_record(SealRecord(why="a test"))

    def seals(self, *sizes):
        return self.sealing.read_seals(ReadSeals(sizes=sizes))

    def prove(self, chain, size, **asked):
        return self.sealing.prove_records(ProveRecords(chain=chain, size=size, **asked))

    def behind_the_triggers(self, *statements):
        """What somebody does who owns the database."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for table in ("audit_record", "log_leaves", "log_nodes", "checkpoints"):
                if connection.dialect.name == "postgresql":
                    off = [f"ALTER TABLE {table} DISABLE TRIGGER USER"]
                else:
                    ways = ("updated", "deleted", "replaced")
                    off = [f"DROP TRIGGER IF EXISTS {table}_is_not_{way}" for way in ways]
                for statement in off:
                    connection.execute(text(statement))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def transit(openbao):
    openbao.root.sys.enable_secrets_engine("transit")
    openbao.root.write_data("transit/keys/lockgate-audit", data={"type": "ed25519"})
    openbao.root.sys.create_or_update_policy("audit", POLICY)
    openbao.root.sys.enable_auth_method("approle")
    return openbao


@pytest.fixture
def signer(transit, tmp_path):
    folder = transit.admit("audit", tmp_path, token_policies=["audit"], token_ttl="20m")
    return TransitSigner(
        open_vault(transit.connect, folder), key="lockgate-audit", origin="shop.example/log"
    )


@pytest.fixture
def store(seaweedfs):
    s3 = client("s3", seaweedfs)
    bucket = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    yield S3Seals(client=lambda: s3, bucket=bucket)
    s3.close()


def on_a_ledger(url, store, signer):
    ledger = open_ledger(url)
    place = SealPlace(
        origin="shop.example/log", store=store, signer=signer, retention=timedelta(days=2)
    )
    sealing = SealingActivities(ledger, place, now=lambda: datetime.now(UTC), beat=lambda: None)
    return Both(AuditActivities(ledger), sealing, url), ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def real(request, tmp_path, store, signer):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url = f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"
    both, ledger = on_a_ledger(url, store, signer)
    yield both
    ledger.dispose()


@pytest.fixture
def quick(tmp_path):
    """A real log on SQLite; the store and the vault in memory."""
    signer = TransitSigner(FakeTransit(), key="audit", origin="shop.example/log")
    both, ledger = on_a_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", FakeSeals(), signer)
    yield both
    ledger.dispose()


@pytest.fixture(params=["fake", "real"])
def both(request):
    if request.param == "fake":
        audit = FakeAudit()
        return Both(audit, FakeSealing(audit))
    return request.getfixturevalue("quick")


def keys_of(seals):
    return [read_key(line) for line in seals.keys]


def checkpoints_of(seals):
    return [read_checkpoint(opened(seal.note, keys_of(seals))) for seal in seals.seals]


def assert_everything_is_proved(both, *chains):
    seals = both.seals()
    (newest,) = checkpoints_of(seals)
    for chain in chains:
        proofs = both.prove(chain, newest.size).proofs
        links = both.links(chain)
        assert [proof.position for proof in proofs] == [link.position for link in links]
        for link, proof in zip(links, proofs, strict=True):
            assert includes(
                leaf_hash(written(link).encode()),
                index=proof.leaf,
                size=newest.size,
                path=[bytes.fromhex(step) for step in proof.path],
                root_hash=bytes.fromhex(newest.root),
            )


def assert_the_whole_round(both):
    both.append(SHOP, "a", "b", "c")
    first = both.seal()
    both.append(OTHER, "a")
    both.append(SHOP, "d")
    second = both.seal()

    assert (first.size, second.size) == (3, 5)
    assert_everything_is_proved(both, SHOP, OTHER)
    seals = both.seals(3)
    old, new = checkpoints_of(seals)
    assert extends(
        old=old.size,
        new=new.size,
        proof=[bytes.fromhex(step) for step in seals.seals[0].proof],
        old_root=bytes.fromhex(old.root),
        new_root=bytes.fromhex(new.root),
    )


def test_every_record_is_proved_and_every_checkpoint_continued(both):
    assert_the_whole_round(both)


def test_so_it_is_on_real_databases_with_a_real_vault_and_locked_objects(real):
    assert_the_whole_round(real)
    assert real.sealing.check_log(CheckLog()).flaw is None


def test_sealing_again_without_news_answers_the_same(both):
    both.append(SHOP, "a")
    first = both.seal()

    assert both.seal() == first
    assert len(both.seals().seals) == 1


def test_a_record_without_an_entry_is_not_sealed(both):
    sealed = both.seal()

    assert (sealed.size, sealed.note) == (0, None)
    with pytest.raises(TargetMissing):
        both.seals()


def test_proofs_come_in_pages_and_only_of_what_is_covered(both):
    both.append(SHOP, *(str(number) for number in range(7)))
    size = both.seal().size
    both.append(SHOP, "late")

    first = both.prove(SHOP, size, limit=4)
    second = both.prove(SHOP, size, limit=4, after=4)

    assert [proof.position for proof in first.proofs] == [1, 2, 3, 4]
    assert [proof.position for proof in second.proofs] == [5, 6, 7]
    assert (first.covering, second.covering) == (7, 7)
    assert both.prove("release/none/1", size).covering is None
    with pytest.raises(TargetMissing):
        both.prove(SHOP, size + 1)


def test_what_waits_for_a_seal_is_counted(both):
    both.append(SHOP, "a", "b")
    both.seal()
    both.append(SHOP, "c")

    report = both.sealing.check_log(CheckLog())

    assert (report.records, report.unsealed, report.checkpoints) == (2, 1, 1)
    assert report.flaw is None
    assert report.newest == both.seals().seals[0].note


def test_an_export_is_on_the_record_once_before_it_is_signed(both):
    manifest = Manifest(at=NOON, by="ana", files={"index.html": "0" * 64}).text
    ask = SignPack(manifest=manifest, access=ANA, chains=(SHOP,))

    pack = both.sealing.sign_pack(ask)

    assert both.sealing.sign_pack(ask) == pack
    assert opened(pack.note, [read_key(pack.key)]) == manifest
    (link,) = both.links(ACCESS)
    assert (link.entry.action, link.entry.actor) == ("export_record", "ana")


def test_nothing_but_a_manifest_is_signed(both):
    ask = SignPack(manifest="pay eve\n", access=ANA, chains=())

    with pytest.raises(Refused, match="not a manifest"):
        both.sealing.sign_pack(ask)
    assert both.links(ACCESS) == ()


def test_an_older_copy_of_the_ledger_is_noticed_before_anything_is_added(real, tmp_path):
    """As after restoring a backup: all that is there is in order, and some is not there."""
    real.append(SHOP, "a", "b")
    real.seal()
    real.append(SHOP, "c", "d")
    real.seal()
    real.behind_the_triggers(
        "DELETE FROM audit_record WHERE position > 2",
        "DELETE FROM log_leaves WHERE position > 2",
        "DELETE FROM log_nodes WHERE (level = 0 AND number > 1) OR (level = 1 AND number > 0) "
        "OR level = 2",
        "DELETE FROM checkpoints WHERE size > 2",
        "UPDATE chain_heads SET position = 2, hash = (SELECT hash FROM audit_record "
        "WHERE position = 2)",
    )

    with pytest.raises(Diverged, match=r"holds 2 records.*of 4 records.*last 2 are gone"):
        real.seal()
    assert "last 2 are gone" in real.sealing.check_log(CheckLog()).flaw
    with pytest.raises(Diverged):
        real.seals()


def test_a_history_that_was_written_anew_is_noticed_and_the_place_is_told(real):
    """By somebody who owns the database and computes every hash anew, the log's too."""
    real.append(SHOP, "a", "b")
    real.seal()
    real.append(SHOP, "c", "d")
    real.seal()
    real.behind_the_triggers(
        "DELETE FROM audit_record WHERE position > 2",
        "DELETE FROM chain_heads",
        "INSERT INTO chain_heads SELECT chain, position, hash FROM audit_record "
        "WHERE position = 2",
        "DELETE FROM log_leaves WHERE number > 1",
        "DELETE FROM log_nodes WHERE (level = 0 AND number > 1) OR (level = 1 AND number > 0) "
        "OR level = 2",
        "DELETE FROM checkpoints",
    )
    real.append(SHOP, "c", "another")
    assert real.sealing._log.grow(lambda: None) == 4

    with pytest.raises(Diverged, match=r"records 3 to 4.*position 3 of .* to position 4"):
        real.seal()
    assert "records 3 to 4" in real.sealing.check_log(CheckLog()).flaw


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE audit_record SET outcome = 'failed' WHERE position = 2", "position 2 of"),
        ("DELETE FROM audit_record WHERE position = 3", "position 3 of"),
        ("UPDATE log_leaves SET position = 9 WHERE number = 1", "position 9 of"),
        ("UPDATE log_nodes SET hash = '0' WHERE level = 0 AND number = 0", "position 1 of"),
    ],
)
def test_a_change_of_one_row_is_found_at_its_place(real, statement, place):
    real.append(SHOP, "a", "b", "c", "d")
    real.seal()
    real.behind_the_triggers(statement)

    report = real.sealing.check_log(CheckLog())

    assert place in report.flaw
    assert "after the log took it in" in report.flaw


def test_a_store_that_lost_what_was_sealed_is_not_taken_for_a_new_one(quick):
    quick.append(SHOP, "a")
    quick.seal()
    quick.sealing._place.store.held.clear()

    with pytest.raises(Diverged, match="is it the same store"):
        quick.seal()


def test_two_workers_that_seal_at_once_seal_one_checkpoint(quick, tmp_path):
    """The second one finds the first one's note, of another moment, and takes it."""
    quick.append(SHOP, "a")
    first = quick.seal()
    quick.behind_the_triggers("DELETE FROM checkpoints")
    other, ledger = on_a_ledger(quick.url, quick.sealing._place.store, quick.sealing._place.signer)
    other.sealing._now = lambda: NOON

    seals = quick.sealing._sealing()[1]
    again = other.sealing._signed(seals, 1)

    assert again == first.note
    ledger.dispose()


def test_what_was_sealed_by_a_key_that_was_rotated_is_still_believed(quick):
    quick.append(SHOP, "a")
    quick.seal()
    quick.sealing._place.signer._vault.rotate()
    quick.append(SHOP, "b")
    quick.seal()

    seals = quick.seals(1)

    assert len(set(seals.keys)) == 2
    assert [checkpoint.size for checkpoint in checkpoints_of(seals)] == [1, 2]


def test_a_checkpoint_that_somebody_else_signed_is_not_believed(quick):
    quick.append(SHOP, "a")
    quick.seal()
    (name,) = [name for name in quick.sealing._place.store.held if name.startswith("check")]
    forged = TransitSigner(FakeTransit(), key="audit", origin="shop.example/log")
    forged._vault.rotate()
    checkpoint = checkpoints_of(quick.seals())[0].model_copy(update={"root": "0" * 64})
    quick.sealing._place.store.held[name] = forged.sign(checkpoint.text)[0].encode()

    with pytest.raises(Diverged, match="which is not known here"):
        quick.seal()
    assert "not known here" in quick.sealing.check_log(CheckLog()).flaw


def test_without_a_place_to_seal_to_nothing_is_and_nothing_is_proved(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    sealing = SealingActivities(ledger, None, beat=lambda: None)

    assert sealing.seal_record(SealRecord()).note is None
    with pytest.raises(TargetMissing, match=r"no \[sealing\]"):
        sealing.read_seals(ReadSeals())
    ledger.dispose()


def test_a_login_that_may_only_add_seals_all_the_same(postgres, store, signer):
    """With the rights that docs/how-to/run-in-production.md gives to the workers' role."""
    name = postgres.database()
    place = f"127.0.0.1:{postgres.port}/{name}"
    owner = open_ledger(f"postgresql+psycopg://app@{place}")
    owner.prepare()
    owner.dispose()
    with postgres.connect(name) as link:
        link.execute(f"CREATE ROLE worker_{name} LOGIN PASSWORD 'open'")
        link.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO worker_{name}")
        link.execute(f"GRANT UPDATE ON chain_heads, leases TO worker_{name}")
        link.execute(f"REVOKE INSERT ON alembic_version FROM worker_{name}")

    both, ledger = on_a_ledger(f"postgresql+psycopg://worker_{name}:open@{place}", store, signer)

    assert_the_whole_round(both)
    assert both.sealing.check_log(CheckLog()).flaw is None
    ledger.dispose()
