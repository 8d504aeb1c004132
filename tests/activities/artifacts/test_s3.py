import io

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from activities.artifacts.s3 import S3Store
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.values import Artifact, digest_of

CONTENT = b"checkout v2"
BUILD = Artifact(service="checkout", version="v2", digest=digest_of(CONTENT))
KEY = f"checkout/{BUILD.digest.replace(':', '-')}.zip"
OBJECT = {"Bucket": "builds", "Key": KEY}


@pytest.fixture
def stub():
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def store(stub) -> S3Store:
    return S3Store(client=lambda: stub.client, bucket="builds")


def body(content: bytes, size: int | None = None) -> dict:
    stream = StreamingBody(io.BytesIO(content), len(content))
    return {"Body": stream, "ContentLength": size or len(content)}


def test_a_build_lies_under_its_digest(stub, store):
    stub.add_response("get_object", body(CONTENT), OBJECT)
    beats: list[None] = []

    assert store.read(BUILD, lambda: beats.append(None)) == CONTENT
    assert beats == [None]


def test_what_is_written_replaces_nothing(stub, store):
    conditions = {"Body": CONTENT, "ContentType": "application/zip", "IfNoneMatch": "*"}
    stub.add_response("put_object", {}, {**OBJECT, **conditions})
    stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)

    store.write(BUILD, CONTENT, lambda _: b"")
    store.write(BUILD, CONTENT, lambda _: b"")


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ConditionalRequestConflict", 409, Unavailable),
        ("AccessDenied", 403, Refused),
        ("NoSuchBucket", 404, TargetMissing),
    ],
)
def test_a_write_that_fails_says_what_to_do(stub, store, code, status, error):
    stub.add_client_error("put_object", code, http_status_code=status)

    with pytest.raises(error, match=rf"s3 put s3://builds/checkout/.*: {code}"):
        store.write(BUILD, CONTENT, lambda _: b"")


def test_a_build_larger_than_memory_allows_is_refused_unread(stub, store):
    stub.add_response("get_object", body(CONTENT, 10**10), OBJECT)

    with pytest.raises(Refused, match="larger than"):
        store.read(BUILD, lambda: pytest.fail("it was read"))
