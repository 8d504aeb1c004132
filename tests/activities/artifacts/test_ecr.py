"""EcrStore between two registries in memory that, unlike moto's, name images by their bytes."""

# ruff: noqa: N803 - boto3 names its parameters so

import json

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from activities.artifacts import ecr as module
from activities.artifacts.activities import ArtifactsActivities
from activities.artifacts.ecr import EcrStore
from workflows.domain.errors import ArtifactMismatch, Refused, TargetMissing, Unavailable
from workflows.domain.values import Artifact, Provider, digest_of
from workflows.ports.artifacts import PromoteArtifact

LAYERS = {digest_of(blob): blob for blob in (b"config", b"layer one", b"layer two" * 1000)}
KIND = "application/vnd.oci.image.manifest.v1+json"
SOURCE, DESTINATION = (Provider(type="ecr", connection=name) for name in ("builds", "production"))


def manifest_of(*blobs: bytes) -> bytes:
    config, *layers = ({"digest": digest_of(blob), "size": len(blob)} for blob in blobs)
    return json.dumps({"mediaType": KIND, "config": config, "layers": layers}).encode()


MANIFEST = manifest_of(*LAYERS.values())
IMAGE = Artifact(service="checkout", version="v2", digest=digest_of(MANIFEST))
PROMOTE = PromoteArtifact(artifact=IMAGE, source=SOURCE, destination=DESTINATION)


class Registry:
    """The part of ECR that is used, with immutable tags, for one repository."""

    def __init__(self, *, mutability: str = "IMMUTABLE") -> None:
        self.mutability = mutability
        self.images: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.layers: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}

    def batch_get_image(self, *, repositoryName, imageIds, acceptedMediaTypes):
        (asked,) = imageIds
        digest = asked.get("imageDigest") or self.tags.get(asked.get("imageTag"), "")
        if digest not in self.images:
            return {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}
        image = {"imageManifest": self.images[digest], "imageId": {"imageDigest": digest}}
        return {"images": [image], "failures": []}

    def describe_repositories(self, *, repositoryNames):
        return {"repositories": [{"imageTagMutability": self.mutability}]}

    def batch_check_layer_availability(self, *, repositoryName, layerDigests):
        held = [digest for digest in layerDigests if digest in self.layers]
        return {"layers": [{"layerDigest": d, "layerAvailability": "AVAILABLE"} for d in held]}

    def get_download_url_for_layer(self, *, repositoryName, layerDigest):
        return {"downloadUrl": f"https://layers.test/{layerDigest}"}

    def initiate_layer_upload(self, *, repositoryName):
        self.uploads[f"upload-{len(self.uploads)}"] = b""
        return {"uploadId": f"upload-{len(self.uploads) - 1}"}

    def upload_layer_part(
        self, *, repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob
    ):
        assert partFirstByte == len(self.uploads[uploadId])
        self.uploads[uploadId] += layerPartBlob
        assert partLastByte == len(self.uploads[uploadId]) - 1

    def complete_layer_upload(self, *, repositoryName, uploadId, layerDigests):
        content = self.uploads[uploadId]
        assert layerDigests == [digest_of(content)]
        if layerDigests[0] in self.layers:
            raise refusal("LayerAlreadyExistsException")
        self.layers[layerDigests[0]] = content

    def put_image(self, *, repositoryName, imageManifest, imageTag, imageDigest):
        assert digest_of(imageManifest) == imageDigest
        if self.tags.get(imageTag, imageDigest) != imageDigest:
            raise refusal("ImageTagAlreadyExistsException")
        if imageDigest in self.images:
            raise refusal("ImageAlreadyExistsException")
        self.images[imageDigest], self.tags[imageTag] = imageManifest, imageDigest


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutImage")


@pytest.fixture
def source() -> Registry:
    registry = Registry()
    registry.images[IMAGE.digest], registry.layers = MANIFEST.decode(), dict(LAYERS)
    return registry


def store_of(registry: Registry) -> EcrStore:
    def download(url: str) -> bytes:
        return registry.layers[url.rpartition("/")[2]]

    return EcrStore(client=lambda: registry, prefix="shop/", download=download)


def promote(source: Registry, destination: Registry):
    stores = {SOURCE: store_of(source), DESTINATION: store_of(destination)}
    return ArtifactsActivities(stores.__getitem__, beat=lambda: None).promote_artifact(PROMOTE)


def test_an_image_is_copied_with_its_layers_and_keeps_its_digest(source, monkeypatch):
    monkeypatch.setattr(module, "_PART", 1000)
    destination = Registry()
    destination.layers[digest_of(b"config")] = b"config"

    first, second = promote(source, destination), promote(source, destination)

    assert first == second
    assert first.size == len(MANIFEST) + sum(map(len, LAYERS.values()))
    assert destination.layers == LAYERS
    assert destination.tags == {"v2": IMAGE.digest}
    assert len(destination.uploads) == 2


def test_a_layer_with_other_bytes_stops_the_copy(source):
    source.layers[digest_of(b"layer one")] = b"evil"
    destination = Registry()

    with pytest.raises(ArtifactMismatch, match="layer of checkout v2"):
        promote(source, destination)

    assert destination.images == {}


def test_a_version_that_names_another_image_is_never_moved(source):
    destination = Registry()
    destination.tags["v2"] = digest_of("another")
    destination.images[digest_of("another")] = "{}"

    with pytest.raises(ArtifactMismatch, match="tag v2 names sha256:"):
        promote(source, destination)

    assert destination.tags == {"v2": digest_of("another")}


def test_a_repository_with_tags_that_move_is_refused(source):
    destination = Registry(mutability="MUTABLE")

    with pytest.raises(Refused, match="IMMUTABLE"):
        promote(source, destination)

    assert destination.layers == {}


def test_an_upload_that_somebody_else_finished_first_is_fine(source):
    class Late(Registry):
        def batch_check_layer_availability(self, *, repositoryName, layerDigests):
            return {"layers": []}

    destination = Late()
    destination.layers = dict(LAYERS)

    assert promote(source, destination).digest == IMAGE.digest


@pytest.mark.parametrize("content", [b"a zip", b"[]", b'{"manifests": []}'])
def test_what_is_not_the_manifest_of_one_image_is_refused(content):
    with pytest.raises(Refused, match="not the manifest of one image"):
        store_of(Registry()).write(IMAGE, content, lambda _: b"")


def test_a_failure_that_is_not_a_missing_image_is_refused():
    client = boto3.client(
        "ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    failure = {"failureCode": "KmsError", "failureReason": "no key"}
    asked = {
        "repositoryName": "checkout",
        "imageIds": [{"imageDigest": IMAGE.digest}],
        "acceptedMediaTypes": [KIND, "application/vnd.docker.distribution.manifest.v2+json"],
    }
    with Stubber(client) as stub:
        stub.add_response("batch_get_image", {"images": [], "failures": [failure]}, asked)

        with pytest.raises(Refused, match="no key"):
            EcrStore(client=lambda: client).stat(IMAGE)


@pytest.mark.parametrize(
    ("code", "error"),
    [("LayersNotFoundException", TargetMissing), ("ServerException", Unavailable)],
)
def test_a_layer_that_cannot_be_linked_says_what_to_do(code, error):
    client = boto3.client(
        "ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        status = 500 if code == "ServerException" else 400
        stub.add_client_error("get_download_url_for_layer", code, http_status_code=status)

        with pytest.raises(error, match=code):
            EcrStore(client=lambda: client).read_part(IMAGE, IMAGE.digest)


@pytest.mark.parametrize(
    ("status", "error"), [(503, Unavailable), (403, Refused), (404, TargetMissing)]
)
def test_a_failed_download_never_shows_its_signature(monkeypatch, status, error):
    def get(url: str, **_: object) -> httpx.Response:
        return httpx.Response(status, request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)

    with pytest.raises(error) as failure:
        module.download("https://layers.test/sha256:1?X-Amz-Signature=planted")

    assert "planted" not in str(failure.value)


def test_a_download_is_the_layer_s_bytes(monkeypatch):
    def get(url: str, **_: object) -> httpx.Response:
        return httpx.Response(200, content=b"layer one", request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)

    assert module.download("https://layers.test/sha256:1") == b"layer one"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("ServerException", 500, Unavailable), ("InvalidParameterException", 400, Refused)],
)
def test_a_manifest_that_is_not_taken_is_not_mistaken_for_one_that_was_there(code, status, error):
    client = boto3.client(
        "ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    held = [{"layerDigest": digest, "layerAvailability": "AVAILABLE"} for digest in LAYERS]
    with Stubber(client) as stub:
        stub.add_response(
            "describe_repositories", {"repositories": [{"imageTagMutability": "IMMUTABLE"}]}
        )
        stub.add_response("batch_check_layer_availability", {"layers": held, "failures": []})
        stub.add_client_error("put_image", code, http_status_code=status)

        with pytest.raises(error, match=code):
            EcrStore(client=lambda: client).write(IMAGE, MANIFEST, lambda _: b"")


def test_the_size_of_what_is_no_image_is_that_of_its_manifest_alone(source):
    """An index of images for several machines names no layers; it is found, and its bytes told."""
    index = '{"manifests": []}'
    artifact = IMAGE.model_copy(update={"digest": digest_of(index)})
    source.images[artifact.digest] = index

    assert store_of(source).stat(artifact).size == len(index)
