"""Emptying buckets as S3 means it: versions, markers, uploads and locks, at SeaweedFS."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from activities.environments.buckets import Emptying
from tests.activities.metrics.scripted import ScriptedPace
from tests.contract.emulators import client
from workflows.domain.errors import Refused

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)


@pytest.fixture
def s3(seaweedfs):
    s3 = client("s3", seaweedfs)
    yield s3
    s3.close()


@pytest.fixture
def make(s3):
    """Makes a bucket of the test's own."""

    def make(*, versioned=False, locks=False):
        name = f"b-{uuid.uuid4().hex}"
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locks)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    return make


def empty(s3, bucket, pace=None):
    """How many were removed."""
    counts = {}
    Emptying(s3, bucket, counts, pace or ScriptedPace()).run()
    return counts.get(bucket, 0)


def test_every_version_marker_and_upload_goes_so_that_the_bucket_can(s3, make):
    bucket = make(versioned=True)
    for number in range(12):
        s3.put_object(Bucket=bucket, Key=f"a/{number % 4} ü+&.txt", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a/1 ü+&.txt")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"part")

    assert empty(s3, bucket) == 12 + 1 + 1

    s3.delete_bucket(Bucket=bucket)


def test_a_bucket_without_versions_is_emptied_as_well(s3, make):
    bucket = make()
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"x")

    assert empty(s3, bucket) == 3
    assert empty(s3, bucket) == 0

    s3.delete_bucket(Bucket=bucket)


def test_more_than_a_batch_goes_batch_by_batch(s3, make):
    bucket, pace = make(versioned=True), ScriptedPace()
    for number in range(1050):
        s3.put_object(Bucket=bucket, Key=f"{number:04d}", Body=b"")

    assert empty(s3, bucket, pace) == 1050

    assert len(pace.beats) == 2


def test_one_that_was_killed_in_between_is_gone_on_with(s3, make):
    bucket = make(versioned=True)
    for number in range(1001):
        s3.put_object(Bucket=bucket, Key=f"{number:04d}", Body=b"")

    class Killed(ScriptedPace):
        def beat(self, state):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty(s3, bucket, Killed())

    assert empty(s3, bucket) == 1
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_a_version_that_is_retained_is_refused_until_when(s3, make, mode):
    """A governance lock could be gone around by whoever may; nothing here does."""
    bucket = make(locks=True)
    s3.put_object(
        Bucket=bucket,
        Key="ledger.csv",
        Body=b"x",
        ObjectLockMode=mode,
        ObjectLockRetainUntilDate=UNTIL,
    )
    s3.delete_object(Bucket=bucket, Key="ledger.csv")

    with pytest.raises(Refused) as refused:
        empty(s3, bucket)

    said = str(refused.value)
    assert f"{bucket}/ledger.csv" in said
    assert f"retention in mode {mode} until {UNTIL:%Y-%m-%dT%H:%M:%SZ}" in said
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1


def test_a_version_under_legal_hold_is_refused_and_goes_once_the_hold_is_lifted(s3, make):
    bucket = make(locks=True)
    held = s3.put_object(Bucket=bucket, Key="mail", Body=b"x", ObjectLockLegalHoldStatus="ON")

    with pytest.raises(Refused, match=f"{bucket}/mail .* a legal hold, which ends when somebody"):
        empty(s3, bucket)

    s3.put_object_legal_hold(
        Bucket=bucket, Key="mail", VersionId=held["VersionId"], LegalHold={"Status": "OFF"}
    )
    assert empty(s3, bucket) == 1
