import io
import json

import boto3
import pytest
from botocore.stub import ANY, Stubber

from examples.shop.build import build
from examples.shop.publish import CannotPublish, publish

PLACE = {
    "endpoint": "http://127.0.0.1:9",
    "bucket": "builds",
    "access_key": "a",
    "secret_key": "s",
}
BUNDLE = build("checkout", "v2")
ASKED = {"Bucket": "builds", "Key": BUNDLE.key}


@pytest.fixture
def place(tmp_path):
    file = tmp_path / "builds.json"
    file.write_text(json.dumps(PLACE))
    return file


@pytest.fixture
def s3(monkeypatch):
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s"
    )
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def put(content):
    return {**ASKED, "Body": content, "ContentType": "application/zip"}


def test_what_the_bucket_lacks_is_uploaded(s3, place):
    s3.add_client_error("get_object", "NoSuchKey", expected_params=ASKED)
    s3.add_response("put_object", {}, put(BUNDLE.content))

    assert publish([BUNDLE], place) == [BUNDLE]


def test_what_the_bucket_holds_is_left_alone(s3, place):
    s3.add_response("get_object", {"Body": io.BytesIO(BUNDLE.content)}, ASKED)

    assert publish([BUNDLE], place) == []


def test_an_object_that_is_not_what_its_key_says_is_replaced(s3, place):
    s3.add_response("get_object", {"Body": io.BytesIO(b"cut short")}, ASKED)
    s3.add_response("put_object", {}, put(ANY))

    assert publish([BUNDLE], place) == [BUNDLE]


def test_a_bucket_that_is_missing_is_named(s3, place):
    s3.add_client_error("get_object", "NoSuchBucket", "The bucket does not exist")

    with pytest.raises(CannotPublish, match=r"bucket builds at http://127.0.0.1:9 .*NoSuchBucket"):
        publish([BUNDLE], place)


@pytest.mark.parametrize(
    ("content", "found"),
    [("{", "not JSON"), ("[]", "missing: endpoint"), ('{"endpoint": ""}', "missing: bucket")],
)
def test_a_file_that_does_not_say_where_is_refused_with_what_is_missing(tmp_path, content, found):
    file = tmp_path / "builds.json"
    file.write_text(content)

    with pytest.raises(CannotPublish, match=found):
        publish([BUNDLE], file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        CannotPublish, match=r"nowhere.json: expected a JSON object .* No such file"
    ):
        publish([BUNDLE], tmp_path / "nowhere.json")
