"""Evidence on SeaweedFS with Object Lock, OpenBao's transit and a ledger; and the fakes."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from activities.attestations import (
    AttestationIndex,
    AttestationsActivities,
    EvidenceRoom,
    S3Archive,
    TransitKeys,
)
from activities.attestations.parcels import packed, unpacked
from activities.ledger import open_ledger
from activities.secrets import open_vault
from tests.attesting import (
    BUILD,
    JUNIT,
    LCOV,
    OTHER,
    a_key,
    a_statement,
    an_envelope,
    as_json,
    pem_of,
    results,
)
from tests.contract.emulators import client
from tests.fakes.attestations import SIGNING_KEY, FakeArchive, FakeAttestations, FakeTransit
from tests.loopback import free_port
from workflows.domain.attestations import dsse
from workflows.domain.attestations import statement as types
from workflows.domain.attestations.decision import ReleaseDecision, statement_of
from workflows.domain.attestations.signers import TrustedKey
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.values import Artifact, digest_of
from workflows.ports.attestations import (
    AddEvidence,
    FetchEvidence,
    ReadAttestations,
    ReadVerificationKeys,
    SignDecision,
)

RETENTION = timedelta(days=2)
POLICY = """
path "transit/sign/lockgate-decisions" { capabilities = ["update"] }
path "transit/keys/*" { capabilities = ["read"] }
"""
GO = ReleaseDecision(
    release="release/shop/1",
    environment="production",
    allowed=True,
    decision_digest=OTHER,
    artifacts=(Artifact(service="checkout", version="v2", digest=BUILD),),
    policies=(),
    at=datetime(2026, 11, 10, tzinfo=UTC),
)


@pytest.fixture
def s3(seaweedfs):
    s3 = client("s3", seaweedfs)
    yield s3
    s3.close()


@pytest.fixture
def bucket(s3):
    name = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def archive_in(s3, bucket, *, mode="COMPLIANCE"):
    return S3Archive(client=lambda: s3, bucket=bucket, mode=mode, retention=RETENTION)


@pytest.fixture(params=["fake", "seaweedfs"])
def archive(request):
    if request.param == "fake":
        return FakeArchive()
    return archive_in(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


def test_what_was_kept_first_is_found_whatever_comes_after(archive):
    archive.keep("files/a", b"one")
    archive.keep("files/a", b"two")

    assert archive.find("files/a") == b"one"
    assert archive.find("files/b") is None
    assert archive.find("files") is None
    assert archive.location("files/a").endswith("files/a")


def test_nobody_changes_or_removes_what_is_locked(s3, bucket):
    archive_in(s3, bucket).keep("files/a", b"one")
    (version,) = s3.list_object_versions(Bucket=bucket, Prefix="files/a")["Versions"]
    which = {"Bucket": bucket, "Key": "files/a", "VersionId": version["VersionId"]}
    lock = s3.get_object_retention(**which)["Retention"]

    assert lock["Mode"] == "COMPLIANCE"
    assert abs(lock["RetainUntilDate"] - (datetime.now(UTC) + RETENTION)) < timedelta(minutes=1)
    for way in (
        lambda: s3.delete_object(**which),
        lambda: s3.delete_object(**which, BypassGovernanceRetention=True),
        lambda: s3.put_object_retention(
            **which, Retention={**lock, "RetainUntilDate": datetime.now(UTC) + timedelta(hours=1)}
        ),
    ):
        with pytest.raises(ClientError):
            way()


def test_what_is_put_over_it_or_hides_it_does_not_count(s3, bucket):
    archive = archive_in(s3, bucket)
    archive.keep("files/a", b"one")
    s3.put_object(Bucket=bucket, Key="files/a", Body=b"two")
    s3.delete_object(Bucket=bucket, Key="files/a")

    assert archive.find("files/a") == b"one"


def test_a_bucket_that_cannot_lock_is_refused(s3):
    name = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)

    with pytest.raises(Refused):
        archive_in(s3, name).keep("files/a", b"one")


def test_a_bucket_that_is_not_there_is_missing(s3):
    with pytest.raises(TargetMissing):
        archive_in(s3, f"b-{uuid.uuid4().hex}").find("files/a")


def test_a_store_that_is_away_is_unavailable():
    s3 = client("s3", f"http://127.0.0.1:{free_port()}")

    with pytest.raises(Unavailable):
        archive_in(s3, "b").find("files/a")
    s3.close()


@pytest.fixture
def vault(openbao, tmp_path):
    openbao.root.sys.enable_secrets_engine("transit")
    openbao.root.write_data("transit/keys/lockgate-decisions", data={"type": "ed25519"})
    openbao.root.write_data("transit/keys/team", data={"type": "ecdsa-p256"})
    openbao.root.sys.create_or_update_policy("attestations", POLICY)
    openbao.root.sys.enable_auth_method("approle")
    role = {"token_policies": ["attestations"], "token_ttl": "20m"}
    return open_vault(openbao.connect, openbao.admit("attestations", tmp_path, **role))


@pytest.fixture
def sqlite(tmp_path):
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def postgresql(postgres):
    return f"postgresql+psycopg://app@127.0.0.1:{postgres.port}/{postgres.database()}"


@pytest.fixture
def rooms():
    """Makes rooms; the ledgers behind them are closed in the end."""
    ledgers = []

    def room(url, archive, keys):
        ledgers.append(open_ledger(url))
        index = AttestationIndex(ledgers[-1])
        return EvidenceRoom(archive, index, keys, signing_key=SIGNING_KEY)

    yield room
    for ledger in ledgers:
        ledger.dispose()


def on(request, rooms, url):
    """The real port, with the ledger at *url*."""
    given = request.getfixturevalue
    archive = archive_in(given("s3"), given("bucket"))
    return AttestationsActivities(rooms(given(url), archive, TransitKeys(given("vault"))))


@pytest.fixture
def real(request, rooms):
    return on(request, rooms, "sqlite")


@pytest.fixture(params=["sqlite", "postgresql", "memory", "fake"])
def port(request, rooms, tmp_path):
    if request.param == "fake":
        return FakeAttestations()
    if request.param == "memory":
        transit = FakeTransit()
        transit.make(SIGNING_KEY)
        url = f"sqlite:///{tmp_path / 'memory.db'}"
        return AttestationsActivities(rooms(url, FakeArchive(), TransitKeys(transit)))
    return on(request, rooms, request.param)


def add(port, content, *, artifact=BUILD, type=EvidenceType.TEST_RESULT):
    file = packed(digest_of(content), content)
    ask = AddEvidence(artifact=artifact, file=file, added_by="ana", type=type)
    return port.add_evidence(ask)


def about(port, *artifacts, keys=()):
    ask = ReadAttestations(artifacts=artifacts or (BUILD,), keys=keys)
    return port.read_attestations(ask).attestations


def test_evidence_that_was_added_is_told_of_its_build_alone(port):
    added = add(port, JUNIT)

    (found,) = about(port)
    assert found == added.attestation
    assert (found.digest, found.type, found.added_by) == (digest_of(JUNIT), "test-result", "ana")
    assert about(port, OTHER) == ()


def test_evidence_is_added_once(port):
    first = add(port, JUNIT)
    again = add(port, JUNIT)

    assert (first.known, again.known) == (False, True)
    assert len(about(port)) == 1


def test_a_file_is_given_out_as_it_came_or_not_at_all(port):
    add(port, JUNIT)

    file = port.fetch_evidence(FetchEvidence(digest=digest_of(JUNIT)))

    assert unpacked(file, most=10_000) == JUNIT
    with pytest.raises(TargetMissing):
        port.fetch_evidence(FetchEvidence(digest=OTHER))


def test_a_decision_is_kept_about_its_builds(port):
    signed = port.sign_decision(SignDecision(decision=GO))

    assert port.sign_decision(SignDecision(decision=GO)).location == signed.location
    (found,) = about(port)
    assert (found.type, found.digest, found.signed) == ("decision", signed.digest, True)
    assert port.read_verification_keys(ReadVerificationKeys()).name == "lockgate-decisions"


@pytest.mark.parametrize("port", ["sqlite", "memory"], indirect=True)
def test_a_decision_is_checked_with_nothing_but_the_public_key(port):
    signed = port.sign_decision(SignDecision(decision=GO))
    (pem,) = port.read_verification_keys(ReadVerificationKeys()).pems

    content = unpacked(port.fetch_evidence(FetchEvidence(digest=signed.digest)), most=10_000)
    envelope = dsse.opened(json.loads(content))

    assert envelope.payload == statement_of(GO)
    assert dsse.verifies(envelope, pem)
    assert not dsse.verifies(envelope._replace(payload=envelope.payload + b" "), pem)


@pytest.mark.parametrize("port", ["sqlite", "memory"], indirect=True)
def test_signatures_are_checked_with_the_keys_that_are_asked_about(port):
    key = a_key()
    add(port, an_envelope(a_statement(types.TEST_RESULT, results()), key))
    asked = (
        TrustedKey(id="ci", pem=pem_of(key)),
        TrustedKey(id="other", pem=pem_of(a_key())),
    )

    (found,) = about(port, keys=asked)

    assert (found.signed, found.keys) == (True, ("ci",))


def test_a_key_of_the_vault_checks_what_the_vault_signed(real, openbao):
    statement = as_json(a_statement(types.TEST_RESULT, results()))
    name, signature = TransitKeys(Rooted(openbao.root)).sign(
        "team", dsse.pre_authentication(statement)
    )
    add(real, dsse.sealed(statement, [(name, signature)]).encode())

    (found,) = about(real, keys=(TrustedKey(id="transit:team", transit="team"),))

    assert found.keys == ("transit:team",)


def test_decisions_of_an_older_key_are_still_checked(real, openbao):
    add(real, JUNIT)
    openbao.root.write_data("transit/keys/lockgate-decisions/rotate", data={})
    add(real, LCOV, type=None)

    assert [found.flaw for found in about(real)] == ["", ""]


def test_the_pool_may_not_sign_with_another_key(vault):
    with pytest.raises(Refused, match="permission denied"):
        TransitKeys(vault).sign("team", b"x")


class Rooted:
    """The vault as whoever may do everything."""

    def __init__(self, root):
        self._root = root

    def read(self, path):
        return self._root.read(path)

    def write(self, path, body):
        return self._root.write_data(path, data=body)
