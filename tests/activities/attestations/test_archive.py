"""What the archive asks of S3, at the wire."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from activities.attestations import S3Archive
from activities.attestations.archive import MOST_BYTES
from workflows.domain.errors import Refused, TargetMissing, Unavailable

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
PUT = {
    "Bucket": "evidence",
    "Key": "files/a",
    "Body": b"hello",
    "ContentMD5": "XUFAKrxLKna5cZ2REBfFkg==",
    "IfNoneMatch": "*",
    "ObjectLockMode": "COMPLIANCE",
    "ObjectLockRetainUntilDate": NOON + timedelta(days=30),
}
GET = {"Bucket": "evidence", "Key": "files/a", "VersionId": "1"}
LIST = {"Bucket": "evidence", "Prefix": "files/a"}


def versions(*ids, key="files/a"):
    return {"Versions": [{"Key": key, "VersionId": each} for each in ids]}


@pytest.fixture
def s3():
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    yield client
    client.close()


@pytest.fixture
def wire(s3):
    with Stubber(s3) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def archive(s3):
    return S3Archive(
        client=lambda: s3,
        bucket="evidence",
        mode="COMPLIANCE",
        retention=timedelta(days=30),
        clock=lambda: NOON,
    )


def test_what_is_kept_is_locked_and_never_replaced(archive, wire):
    wire.add_response("put_object", {}, PUT)

    archive.keep("files/a", b"hello")


def test_what_is_held_already_stays(archive, wire):
    wire.add_client_error("put_object", "PreconditionFailed", http_status_code=412)

    archive.keep("files/a", b"hello")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NoSuchBucket", 404, TargetMissing),
        ("SlowDown", 503, Unavailable),
        ("AccessDenied", 403, Refused),
        ("InvalidRequest", 400, Refused),
    ],
)
def test_any_other_answer_is_an_error(archive, wire, code, status, kind):
    wire.add_client_error("put_object", code, http_status_code=status)

    with pytest.raises(kind, match="s3 put s3://evidence/files/a"):
        archive.keep("files/a", b"hello")


def test_what_is_held_is_found_and_what_is_not_is_none(archive, wire):
    body = StreamingBody(BytesIO(b"hello"), 5)
    wire.add_response("list_object_versions", versions("2", "1"), LIST)
    wire.add_response("get_object", {"Body": body, "ContentLength": 5}, GET)
    wire.add_response("list_object_versions", versions("1", key="files/ab"), LIST)

    assert archive.find("files/a") == b"hello", "the oldest version is what counts"
    assert archive.find("files/a") is None


def test_what_is_larger_than_anything_kept_is_not_read(archive, wire):
    answer = {"Body": StreamingBody(BytesIO(b""), 0), "ContentLength": MOST_BYTES + 1}
    wire.add_response("list_object_versions", versions("1"), LIST)
    wire.add_response("get_object", answer, GET)

    with pytest.raises(Refused, match="more than"):
        archive.find("files/a")
