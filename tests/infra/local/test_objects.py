"""What SeaweedFS is told, and when its buckets count as made, with S3 at the wire."""

import io
import json
from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from infra.local import objects
from infra.local.component import Site
from infra.local.objects import SEAWEEDFS, remove_sockets
from tests.infra.local.answering import answering

ALL = {"builds", "staging", "production", "audit", "evidence", "health"}


@pytest.fixture
def s3(monkeypatch):
    """S3 at the wire; keeps how each client was opened."""
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        stub.opened = []
        monkeypatch.setattr(
            objects.boto3, "client", lambda *_, **told: (stub.opened.append(told), client)[1]
        )
        yield stub
        stub.assert_no_pending_responses()


def holds(s3, *buckets):
    s3.add_response("list_buckets", {"Buckets": [{"Name": name} for name in buckets]}, {})


def takes_the_canary(s3):
    s3.add_response("put_object", {}, {"Bucket": "health", "Key": "canary", "Body": ANY})


def filled(site):
    SEAWEEDFS.prepare(site)
    (site.home.data("seaweedfs") / "filled").touch()


def test_every_part_listens_on_loopback_at_a_port_of_the_stack(site: Site):
    command = SEAWEEDFS.command(site)
    ports = {word.split("=")[1] for word in command if ".port" in word.split("=")[0]} - {"0"}

    assert ports == {str(p) for name, p in site.ports.items() if name.startswith("seaweedfs-")}
    assert "-ip.bind=127.0.0.1" in command
    assert "-master.telemetry=false" in command


def test_the_only_identity_has_the_stack_s_keys_in_a_file_of_its_owner_s(site: Site):
    SEAWEEDFS.prepare(site)
    file = site.home.data("seaweedfs") / "identities.json"

    (identity,) = json.loads(file.read_text())["identities"]

    assert identity["credentials"] == [
        {
            "accessKey": site.credentials.s3_access_key,
            "secretKey": site.credentials.s3_secret_key,
        }
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"-s3.config={file}" in SEAWEEDFS.command(site)


def test_who_publishes_builds_is_told_where_and_with_which_keys(site: Site):
    SEAWEEDFS.prepare(site)

    builds = json.loads(site.home.builds.read_text())

    assert builds["endpoint"] == site.url("seaweedfs-s3")
    assert builds["bucket"] == "builds"
    assert builds["secret_key"] == site.credentials.s3_secret_key
    assert site.home.builds.stat().st_mode & 0o777 == 0o600


def test_at_first_every_bucket_is_made_and_those_of_what_must_stay_can_be_locked(site: Site, s3):
    SEAWEEDFS.prepare(site)
    holds(s3)
    for bucket in ("builds", "staging", "production", "audit", "evidence", "health"):
        told = {"Bucket": bucket, "ObjectLockEnabledForBucket": bucket in {"audit", "evidence"}}
        s3.add_response("create_bucket", {}, told)
    takes_the_canary(s3)

    SEAWEEDFS.settle(site)

    assert (site.home.data("seaweedfs") / "filled").exists()
    assert s3.opened[0]["endpoint_url"] == site.url("seaweedfs-s3")


def test_settling_again_makes_only_what_is_missing(site: Site, s3):
    SEAWEEDFS.prepare(site)
    holds(s3, *(ALL - {"production"}))
    told = {"Bucket": "production", "ObjectLockEnabledForBucket": False}
    s3.add_response("create_bucket", {}, told)
    takes_the_canary(s3)

    SEAWEEDFS.settle(site)


def test_a_store_that_is_not_ready_is_settled_later(site: Site, s3):
    SEAWEEDFS.prepare(site)
    s3.add_client_error("list_buckets", "ServiceUnavailable", http_status_code=503)

    with pytest.raises(SEAWEEDFS.unsettled):
        SEAWEEDFS.settle(site)

    assert not (site.home.data("seaweedfs") / "filled").exists()
    assert set(SEAWEEDFS.unsettled) == {BotoCoreError, ClientError}


def test_before_it_was_filled_its_own_word_is_enough(site: Site, s3):
    with answering() as server:
        site = replace(site, ports=site.ports | {"seaweedfs-s3": server.port})
        SEAWEEDFS.prepare(site)

        assert SEAWEEDFS.problem(site) is None
        server.status = 503
        assert "status 503" in SEAWEEDFS.problem(site)

    assert set(server.paths) == {"/healthz"}
    assert s3.opened == []


def test_once_filled_it_is_well_when_it_finds_what_it_holds(site: Site, s3):
    canary = {"Bucket": "health", "Key": "canary"}
    s3.add_client_error("get_object", "NoSuchKey", http_status_code=404, expected_params=canary)
    body = StreamingBody(io.BytesIO(b"alive"), 5)
    s3.add_response("get_object", {"Body": body}, canary)
    with answering() as server:
        site = replace(site, ports=site.ports | {"seaweedfs-s3": server.port})
        filled(site)

        assert "NoSuchKey" in SEAWEEDFS.problem(site)
        assert SEAWEEDFS.problem(site) is None

    attempts = {told["config"].retries["total_max_attempts"] for told in s3.opened}
    assert attempts == {1}, "a health check asks once; who asks it comes again"


def test_only_the_sockets_of_this_stack_s_store_are_swept_away(tmp_path, monkeypatch):
    monkeypatch.setattr(objects.tempfile, "gettempdir", lambda: str(tmp_path))
    ours, theirs = tmp_path / "seaweedfs-filer-21.sock", tmp_path / "seaweedfs-filer-99.sock"
    other = tmp_path / "seaweedfs-filer-22.sock"
    for socket in (ours, theirs, other):
        socket.touch()

    remove_sockets({"seaweedfs-filer-grpc": 21, "postgres": 22})

    assert [file.exists() for file in (ours, theirs, other)] == [False, True, True]
