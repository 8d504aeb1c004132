"""What S3 answers that a real bucket of ours would not."""

import io
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

from activities.sealing.s3 import S3Seals
from workflows.domain.errors import Refused, TargetMissing, Unavailable

SOON = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=2)
VERSIONS = {"Versions": [{"Key": "one", "VersionId": "v1"}], "IsTruncated": False}


@pytest.fixture
def stub():
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stub:
        yield stub
    client.close()


@pytest.fixture
def store(stub):
    return S3Seals(client=lambda: stub.client, bucket="audit")


def test_a_lock_that_somebody_may_lift_is_refused(stub, store):
    lock = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": SOON}}
    store.read = lambda name: b"one"
    stub.add_response("list_object_versions", VERSIONS)
    stub.add_response("list_object_versions", VERSIONS)
    stub.add_response("get_object_retention", lock)

    with pytest.raises(Refused, match="in mode GOVERNANCE, not COMPLIANCE"):
        store.keep("one", b"one", until=SOON)


def test_what_is_larger_than_any_checkpoint_is_not_read(stub, store):
    stub.add_response("list_object_versions", VERSIONS)
    stub.add_response("get_object", {"Body": io.BytesIO(), "ContentLength": 2**40})

    with pytest.raises(Refused, match="larger than any checkpoint"):
        store.read("one")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SlowDown", 503, Unavailable),
        ("AccessDenied", 403, Refused),
        ("NoSuchBucket", 404, TargetMissing),
    ],
)
def test_what_s3_says_is_told_in_the_release_s_words(stub, store, code, status, kind):
    stub.add_client_error("list_object_versions", code, http_status_code=status)

    with pytest.raises(kind, match=f"s3 list s3://audit/one: {code}"):
        store.read("one")


def test_a_bucket_whose_lock_cannot_be_asked_for_is_not_taken_for_one_without(stub, store):
    stub.add_client_error("get_object_lock_configuration", "AccessDenied", http_status_code=403)

    with pytest.raises(Refused, match="AccessDenied"):
        store.locks()
