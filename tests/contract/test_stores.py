"""One suite for the fake store, moto and SeaweedFS as S3; then ECR as far as moto goes."""

import threading
import uuid

import pytest

from activities.artifacts.activities import ArtifactsActivities
from activities.artifacts.ecr import EcrStore
from activities.artifacts.s3 import S3Store
from tests.contract.emulators import client
from tests.fakes.artifacts import FakeStore
from tests.loopback import free_port
from workflows.domain.errors import ArtifactMismatch, Refused, TargetMissing, Unavailable
from workflows.domain.values import Artifact, Provider, digest_of
from workflows.ports.artifacts import PromoteArtifact, VerifyArtifact

CONTENT = b"the bytes of checkout v2" * 100_000
BUILD = Artifact(service="checkout", version="v2", digest=digest_of(CONTENT))
SOURCE, DESTINATION = (Provider(type="any", connection=name) for name in ("builds", "production"))


@pytest.fixture(params=["fake", "moto", "seaweedfs"])
def stores(request: pytest.FixtureRequest):
    """Two empty stores, and how somebody else puts bytes into one."""
    if request.param == "fake":
        pair = {SOURCE: FakeStore(), DESTINATION: FakeStore()}

        def put_fake(store: Provider, content: bytes, artifact: Artifact = BUILD) -> None:
            pair[store].held[artifact.service, artifact.digest] = content

        yield pair, put_fake
        return
    s3 = client("s3", request.getfixturevalue(request.param))
    buckets = {store: f"b-{uuid.uuid4().hex}" for store in (SOURCE, DESTINATION)}
    for bucket in buckets.values():
        s3.create_bucket(Bucket=bucket)

    def put(store: Provider, content: bytes, artifact: Artifact = BUILD) -> None:
        key = f"{artifact.service}/{artifact.digest.replace(':', '-')}.zip"
        s3.put_object(Bucket=buckets[store], Key=key, Body=content)

    yield {store: S3Store(client=lambda: s3, bucket=b) for store, b in buckets.items()}, put
    s3.close()


@pytest.fixture
def held(stores):
    return stores[0]


@pytest.fixture
def put(stores):
    return stores[1]


@pytest.fixture
def artifacts(held) -> ArtifactsActivities:
    return ArtifactsActivities(held.__getitem__, beat=lambda: None)


def no_parts(digest: str) -> bytes:
    raise AssertionError(f"part {digest} was asked for")


PROMOTE = PromoteArtifact(artifact=BUILD, source=SOURCE, destination=DESTINATION)


def test_a_build_is_promoted_once_and_found_again(artifacts, held, put):
    put(SOURCE, CONTENT)

    first = artifacts.promote_artifact(PROMOTE)

    assert (first.digest, first.size) == (BUILD.digest, len(CONTENT))
    assert artifacts.promote_artifact(PROMOTE) == first
    assert artifacts.verify_artifact(VerifyArtifact(artifact=BUILD, store=DESTINATION)) == first
    assert held[DESTINATION].read(BUILD, lambda: None) == CONTENT


def test_what_the_destination_holds_needs_no_source(artifacts, put):
    put(DESTINATION, CONTENT)

    assert artifacts.promote_artifact(PROMOTE).size == len(CONTENT)


def test_nothing_stored_is_nothing_found(artifacts, held):
    assert held[SOURCE].stat(BUILD) is None
    with pytest.raises(TargetMissing):
        artifacts.verify_artifact(VerifyArtifact(artifact=BUILD, store=SOURCE))
    with pytest.raises(TargetMissing):
        artifacts.promote_artifact(PROMOTE)

    assert held[DESTINATION].stat(BUILD) is None


def test_other_bytes_in_the_source_are_not_copied(artifacts, held, put):
    put(SOURCE, b"tampered")

    with pytest.raises(ArtifactMismatch):
        artifacts.promote_artifact(PROMOTE)

    assert held[DESTINATION].stat(BUILD) is None


def test_other_bytes_in_the_destination_are_never_overwritten(artifacts, held, put):
    put(SOURCE, CONTENT)
    put(DESTINATION, b"tampered")

    with pytest.raises(ArtifactMismatch):
        artifacts.promote_artifact(PROMOTE)
    held[DESTINATION].write(BUILD, CONTENT, no_parts)

    assert held[DESTINATION].read(BUILD, lambda: None) == b"tampered"


def test_two_writers_of_one_build_are_both_content(held):
    """SeaweedFS and moto both hold the first; a condition on the write tells the second."""
    threads = [
        threading.Thread(target=held[SOURCE].write, args=(BUILD, CONTENT, no_parts))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert held[SOURCE].read(BUILD, lambda: None) == CONTENT


def test_an_object_has_no_parts(held):
    with pytest.raises(TargetMissing):
        held[SOURCE].read_part(BUILD, BUILD.digest)


def test_a_bucket_that_does_not_exist_is_missing(moto):
    s3 = client("s3", moto)
    store = S3Store(client=lambda: s3, bucket="nosuch")

    with pytest.raises(TargetMissing, match="nosuch"):
        store.write(BUILD, CONTENT, no_parts)
    s3.close()


def test_wrong_credentials_are_refused(seaweedfs):
    s3 = client("s3", seaweedfs, signed_with="wrong")
    store = S3Store(client=lambda: s3, bucket="ready")

    with pytest.raises(Refused, match="SignatureDoesNotMatch") as refusal:
        store.read(BUILD, lambda: None)
    s3.close()

    assert "wrong" not in str(refusal.value)


def test_a_store_that_is_away_can_be_asked_later():
    s3 = client("s3", f"http://127.0.0.1:{free_port()}")
    store = S3Store(client=lambda: s3, bucket="any")

    with pytest.raises(Unavailable, match="no answer"):
        store.stat(BUILD)
    s3.close()


@pytest.fixture
def ecr(moto):
    ecr = client("ecr", moto)
    yield ecr
    ecr.close()


def repository(ecr, mutability: str) -> str:
    prefix = f"{uuid.uuid4().hex}/"
    ecr.create_repository(repositoryName=f"{prefix}checkout", imageTagMutability=mutability)
    return prefix


def test_an_image_that_is_not_in_the_repository_is_not_found(ecr):
    store = EcrStore(client=lambda: ecr, prefix=repository(ecr, "IMMUTABLE"))

    assert store.stat(BUILD) is None
    with pytest.raises(TargetMissing, match="no such image"):
        store.read(BUILD, lambda: None)


def test_a_repository_that_does_not_exist_is_missing(ecr):
    store = EcrStore(client=lambda: ecr, prefix="nosuch/")

    with pytest.raises(TargetMissing, match="RepositoryNotFoundException"):
        store.stat(BUILD)


def test_a_repository_whose_tags_can_move_is_refused(ecr):
    store = EcrStore(client=lambda: ecr, prefix=repository(ecr, "MUTABLE"))

    with pytest.raises(Refused, match="set its image tag mutability to IMMUTABLE"):
        store.write(BUILD, CONTENT, no_parts)
