"""What a place for checkpoints promises: SeaweedFS with Object Lock, and the fake."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from activities.sealing.s3 import S3Seals
from tests.contract.emulators import client
from tests.fakes.seals import FakeSeals
from tests.loopback import free_port
from workflows.domain.errors import Refused, TargetMissing, Unavailable

SOON = datetime.now(UTC) + timedelta(days=2)
NAME = "checkpoints/shop/00000000000000000007"


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


@pytest.fixture
def locked(s3, bucket):
    return S3Seals(client=lambda: s3, bucket=bucket)


@pytest.fixture(params=["fake", "seaweedfs"])
def store(request):
    return FakeSeals() if request.param == "fake" else request.getfixturevalue("locked")


def versions(s3, bucket):
    return s3.list_object_versions(Bucket=bucket, Prefix=NAME)


def test_what_was_kept_is_read_back(store):
    assert store.keep(NAME, b"one", until=SOON) == b"one"
    assert store.read(NAME) == b"one"
    assert store.read("checkpoints/shop/other") is None


def test_what_was_kept_first_stays(store):
    store.keep(NAME, b"one", until=SOON)

    assert store.keep(NAME, b"one", until=SOON) == b"one"
    assert store.keep(NAME, b"two", until=SOON) == b"one"
    assert store.read(NAME) == b"one"


def test_names_are_told_in_order_from_where_one_left_off(store):
    names = [f"checkpoints/shop/{number:020d}" for number in (1, 2, 30, 400)]
    for name in (*reversed(names), "checkpoints/shopping/1", "keys/shop/1"):
        store.keep(name, b"x", until=SOON)

    assert list(store.names("checkpoints/shop/")) == names
    assert list(store.names("checkpoints/shop/", after=names[1])) == names[2:]
    assert list(store.names("nothing/")) == []


def test_a_store_that_locks_says_so(store):
    store.locks()


def test_a_bucket_without_object_lock_is_refused(s3):
    name = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)

    with pytest.raises(Refused, match="has no Object Lock"):
        S3Seals(client=lambda: s3, bucket=name).locks()
    with pytest.raises(Refused):
        S3Seals(client=lambda: s3, bucket=name).keep(NAME, b"one", until=SOON)


def test_nobody_removes_or_unlocks_what_is_kept(s3, bucket, locked):
    """Not even who may do everything in the bucket, by any way that S3 knows."""
    locked.keep(NAME, b"one", until=SOON)
    version = versions(s3, bucket)["Versions"][0]["VersionId"]
    which = {"Bucket": bucket, "Key": NAME, "VersionId": version}
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(hours=1)}
    weaker = {"Mode": "GOVERNANCE", "RetainUntilDate": SOON}

    for way in (
        lambda: s3.delete_object(**which),
        lambda: s3.delete_object(**which, BypassGovernanceRetention=True),
        lambda: s3.put_object_retention(**which, Retention=sooner),
        lambda: s3.put_object_retention(**which, Retention=weaker, BypassGovernanceRetention=True),
        lambda: s3.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
        ),
    ):
        with pytest.raises(ClientError):
            way()

    assert locked.read(NAME) == b"one"


def test_what_is_put_over_it_or_marks_it_deleted_does_not_count(s3, bucket, locked):
    locked.keep(NAME, b"one", until=SOON)
    s3.put_object(Bucket=bucket, Key=NAME, Body=b"two")
    s3.delete_object(Bucket=bucket, Key=NAME)
    s3.put_object(Bucket=bucket, Key=NAME, Body=b"three")

    assert locked.read(NAME) == b"one"
    assert list(locked.names("checkpoints/")) == [NAME]
    assert locked.keep(NAME, b"three", until=SOON) == b"one"


def test_a_lock_that_ends_too_soon_is_made_longer_and_never_shorter(s3, bucket, locked):
    later = SOON + timedelta(days=300)
    locked.keep(NAME, b"one", until=SOON)
    locked.keep(NAME, b"one", until=later)
    locked.keep(NAME, b"one", until=SOON)

    version = versions(s3, bucket)["Versions"][-1]["VersionId"]
    lock = s3.get_object_retention(Bucket=bucket, Key=NAME, VersionId=version)["Retention"]
    assert lock["Mode"] == "COMPLIANCE"
    assert abs(lock["RetainUntilDate"] - later) < timedelta(seconds=2)


def test_a_bucket_that_is_not_there_is_missing(s3):
    with pytest.raises(TargetMissing):
        S3Seals(client=lambda: s3, bucket=f"b-{uuid.uuid4().hex}").read(NAME)


def test_a_store_that_is_away_is_unavailable():
    s3 = client("s3", f"http://127.0.0.1:{free_port()}")

    with pytest.raises(Unavailable):
        S3Seals(client=lambda: s3, bucket="b").read(NAME)
    s3.close()


def test_wrong_keys_are_refused(seaweedfs, bucket):
    s3 = client("s3", seaweedfs, signed_with="wrong")

    with pytest.raises(Refused):
        S3Seals(client=lambda: s3, bucket=bucket).read(NAME)
    s3.close()
