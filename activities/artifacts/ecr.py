"""Builds as container images of ECR repositories, copied by digest, layer by layer."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from botocore.exceptions import ClientError

from activities.artifacts.ecr_client import Ecr
from activities.aws import error_code, in_release_words
from activities.http import spoken_for
from workflows.domain.errors import ArtifactMismatch, Refused, TargetMissing
from workflows.domain.values import Artifact, digest_of
from workflows.ports.artifacts import StoredArtifact

_ACCEPTED = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]
_IMAGE_MISSING = {"ImageNotFound"}
_HELD_ALREADY = {"ImageAlreadyExistsException"}
_TAG_TAKEN = {"ImageTagAlreadyExistsException"}
_LAYER_HELD = {"LayerAlreadyExistsException"}
# ECR takes layer parts of 5 MiB and more, the last one excepted.
_PART = 20 * 1024 * 1024


def download(url: str) -> bytes:
    """Follow a signed link to a layer.

    Raises:
        Unavailable: no answer, or a fault on the other side.
        Refused: the link was refused.
    """
    # The link is signed, so it is as good as a credential: no message holds its query.
    with spoken_for("the download of a layer"):
        return httpx.get(url, timeout=60, follow_redirects=True).raise_for_status().content


class EcrStore:
    """The repositories `<prefix><service>` of one registry; the version is the image's tag."""

    def __init__(
        self,
        *,
        client: Callable[[], Ecr],
        prefix: str = "",
        download: Callable[[str], bytes] = download,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._download = download

    def stat(self, artifact: Artifact) -> StoredArtifact | None:
        """See Store."""
        image = self._image(artifact, {"imageDigest": artifact.digest})
        if image is None:
            return None
        return StoredArtifact(
            digest=artifact.digest,
            size=len(image["imageManifest"].encode()) + _size(image["imageManifest"]),
            location=self._location(artifact),
        )

    def read(self, artifact: Artifact, beat: Callable[[], object]) -> bytes:
        """See Store: the manifest, whose digest covers the digest of every layer."""
        beat()
        image = self._image(artifact, {"imageDigest": artifact.digest})
        if image is None:
            raise TargetMissing(f"{self._location(artifact)}: no such image")
        manifest: str = image["imageManifest"]
        return manifest.encode()

    def read_part(self, artifact: Artifact, digest: str) -> bytes:
        """See Store."""
        with in_release_words(f"ecr get layer {digest} of {self._location(artifact)}"):
            link = self._client().get_download_url_for_layer(
                repositoryName=self._repository(artifact), layerDigest=digest
            )
        return self._download(link["downloadUrl"])

    def write(self, artifact: Artifact, content: bytes, part: Callable[[str], bytes]) -> None:
        """See Store: layers first, then the manifest, then a look at what its tag names."""
        self._refuse_moving_tags(artifact)
        for digest in self._missing_layers(artifact, _layers(artifact, content)):
            self._upload(artifact, digest, part(digest))
        self._put_manifest(artifact, content)
        tagged = self._image(artifact, {"imageTag": artifact.version})
        found = tagged["imageId"]["imageDigest"] if tagged else "no image"
        if found != artifact.digest:
            raise ArtifactMismatch(
                f"{self._location(artifact)}: tag {artifact.version} names {found}, expected "
                f"{artifact.digest}; release it under another version"
            )

    def _image(self, artifact: Artifact, image_id: dict[str, str]) -> Any | None:
        with in_release_words(f"ecr get {self._location(artifact)}"):
            answer = self._client().batch_get_image(
                repositoryName=self._repository(artifact),
                imageIds=[image_id],
                acceptedMediaTypes=_ACCEPTED,
            )
        for failure in answer.get("failures", ()):
            if failure.get("failureCode") not in _IMAGE_MISSING:
                raise Refused(f"{self._location(artifact)}: {failure.get('failureReason')}")
        return next(iter(answer.get("images", ())), None)

    def _refuse_moving_tags(self, artifact: Artifact) -> None:
        name = self._repository(artifact)
        with in_release_words(f"ecr describe {name}"):
            (found,) = self._client().describe_repositories(repositoryNames=[name])["repositories"]
        if not str(found.get("imageTagMutability", "MUTABLE")).startswith("IMMUTABLE"):
            raise Refused(
                f"ecr repository {name}: its tags can be moved to other images; set its image tag "
                "mutability to IMMUTABLE"
            )

    def _missing_layers(self, artifact: Artifact, digests: list[str]) -> list[str]:
        if not digests:
            return []
        with in_release_words(f"ecr layers of {self._location(artifact)}"):
            answer = self._client().batch_check_layer_availability(
                repositoryName=self._repository(artifact), layerDigests=digests
            )
        held = {
            layer["layerDigest"]
            for layer in answer.get("layers", ())
            if layer.get("layerAvailability") == "AVAILABLE"
        }
        return [digest for digest in digests if digest not in held]

    def _upload(self, artifact: Artifact, digest: str, content: bytes) -> None:
        if (found := digest_of(content)) != digest:
            raise ArtifactMismatch(f"layer of {artifact}: expected {digest}, found {found}")
        name = self._repository(artifact)
        ecr = self._client()
        with in_release_words(f"ecr upload layer {digest} to {name}"):
            upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
            for first in range(0, len(content), _PART):
                piece = content[first : first + _PART]
                ecr.upload_layer_part(
                    repositoryName=name,
                    uploadId=upload,
                    partFirstByte=first,
                    partLastByte=first + len(piece) - 1,
                    layerPartBlob=piece,
                )
            _unless(
                _LAYER_HELD,
                lambda: ecr.complete_layer_upload(
                    repositoryName=name, uploadId=upload, layerDigests=[digest]
                ),
            )

    def _put_manifest(self, artifact: Artifact, content: bytes) -> None:
        with in_release_words(f"ecr put {self._location(artifact)}"):
            _unless(
                _HELD_ALREADY | _TAG_TAKEN,
                lambda: self._client().put_image(
                    repositoryName=self._repository(artifact),
                    imageManifest=content.decode(),
                    imageTag=artifact.version,
                    imageDigest=artifact.digest,
                ),
            )

    def _repository(self, artifact: Artifact) -> str:
        return f"{self._prefix}{artifact.service}"

    def _location(self, artifact: Artifact) -> str:
        return f"ecr:{self._repository(artifact)}@{artifact.digest}"


def _unless(codes: set[str], call: Callable[[], object]) -> None:
    """Make *call*; an error of *codes* says that somebody has done it already."""
    try:
        call()
    except ClientError as error:
        if error_code(error) not in codes:
            raise


def _layers(artifact: Artifact, content: bytes) -> list[str]:
    """The digests that an image manifest refers to.

    Raises:
        Refused: it is no image manifest: a zip, or an index of images for several machines.
    """
    try:
        manifest = json.loads(content)
        parts = [manifest["config"], *manifest["layers"]]
        return list(dict.fromkeys(part["digest"] for part in parts))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"{artifact}: not the manifest of one image, which is all that ECR is given; name "
            "the image of one platform"
        ) from error


def _size(manifest: str) -> int:
    try:
        parsed = json.loads(manifest)
        return sum(part["size"] for part in [parsed["config"], *parsed["layers"]])
    except (ValueError, KeyError, TypeError):
        return 0
