import pytest

from activities.artifacts import STORES
from activities.artifacts.activities import ArtifactsActivities
from activities.artifacts.ecr import EcrStore
from activities.artifacts.s3 import S3Store
from activities.connections import Connections
from tests.fakes.artifacts import FakeArtifacts, FakeStore
from workflows.domain.errors import ArtifactMismatch, TargetMissing, Unavailable
from workflows.domain.values import Artifact, Provider, digest_of
from workflows.ports.artifacts import PromoteArtifact, VerifyArtifact

CONTENT = b"checkout v2"
BUILD = Artifact(service="checkout", version="v2", digest=digest_of(CONTENT))
SOURCE, DESTINATION = (Provider(type="s3", connection=name) for name in ("builds", "production"))
PROMOTE = PromoteArtifact(artifact=BUILD, source=SOURCE, destination=DESTINATION)
VERIFY = VerifyArtifact(artifact=BUILD, store=SOURCE)


def stocked(content: bytes) -> FakeStore:
    store = FakeStore()
    store.write(BUILD, content, lambda _: b"")
    return store


def activities(source: FakeStore, destination: FakeStore) -> ArtifactsActivities:
    stores = Connections("artifact store", {SOURCE: source, DESTINATION: destination})
    return ArtifactsActivities(stores, beat=lambda: None)


def test_a_store_that_spoils_what_it_is_given_is_found_out():
    class Careless(FakeStore):
        def write(self, artifact, content, part):
            super().write(artifact, content[:-1], part)

    with pytest.raises(ArtifactMismatch, match="s3/production: expected sha256:"):
        activities(stocked(CONTENT), Careless()).promote_artifact(PROMOTE)


def test_a_build_that_vanishes_while_it_is_verified_is_not_verified():
    class Forgetful(FakeStore):
        def stat(self, artifact):
            return None

        def read(self, artifact, beat):
            return CONTENT

    with pytest.raises(ArtifactMismatch, match="removed while"):
        activities(Forgetful(), FakeStore()).verify_artifact(VERIFY)


def test_parts_are_copied_from_the_source_while_the_heart_beats():
    beats: list[None] = []
    copied: list[bytes] = []

    class Source(FakeStore):
        def read_part(self, artifact, digest):
            return f"part {digest}".encode()

    class Destination(FakeStore):
        def write(self, artifact, content, part):
            copied.append(part("sha256:1"))
            super().write(artifact, content, part)

    source = Source()
    source.write(BUILD, CONTENT, lambda _: b"")
    stores = {SOURCE: source, DESTINATION: Destination()}
    ArtifactsActivities(stores.__getitem__, beat=lambda: beats.append(None)).promote_artifact(
        PROMOTE
    )

    assert copied == [b"part sha256:1"]
    assert len(beats) == 3


def test_the_bytes_for_a_platform_are_verified():
    assert activities(stocked(CONTENT), FakeStore()).fetch(SOURCE, BUILD) == CONTENT
    with pytest.raises(ArtifactMismatch):
        activities(stocked(b"other"), FakeStore()).fetch(SOURCE, BUILD)


def test_the_table_names_the_adapters():
    assert {"s3": S3Store, "ecr": EcrStore} == STORES


def test_the_fake_fails_as_it_is_told():
    fake = FakeArtifacts()
    fake.unavailable = 1
    with pytest.raises(Unavailable):
        fake.promote_artifact(PROMOTE)
    fake.promote_artifact(PROMOTE)
    fake.tampered.add(BUILD.digest)
    with pytest.raises(ArtifactMismatch):
        fake.verify_artifact(VERIFY)
    fake.missing.add(BUILD.digest)
    with pytest.raises(TargetMissing):
        fake.verify_artifact(VERIFY)

    assert fake.promoted == {DESTINATION: {BUILD.digest}}
