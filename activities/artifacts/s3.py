"""Builds as objects of a bucket, each under the name of its digest."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Protocol

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Artifact
from workflows.ports.artifacts import StoredArtifact

_CHUNK = 1024 * 1024
_MOST_BYTES = 512 * 1024 * 1024
_HELD_ALREADY = {"PreconditionFailed", "412"}


class Body(Protocol):
    """What of botocore's streaming body is used here."""

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class S3(Protocol):
    """The three calls of boto3's S3 client that this module makes."""

    def head_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803 - AWS's names

    def get_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803 - AWS's names

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - AWS's names
        Key: str,  # noqa: N803 - AWS's names
        Body: bytes,  # noqa: N803 - AWS's names
        ContentType: str,  # noqa: N803 - AWS's names
        IfNoneMatch: str,  # noqa: N803 - AWS's names
    ) -> Any: ...


class S3Store:
    """One bucket. *client* is asked for a client at each call, so that credentials may change."""

    def __init__(self, *, client: Callable[[], S3], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def stat(self, artifact: Artifact) -> StoredArtifact | None:
        """See Store."""
        try:
            with in_release_words(f"s3 head {self._location(artifact)}"):
                found = self._client().head_object(Bucket=self._bucket, Key=_key(artifact))
        except TargetMissing:
            return None
        return StoredArtifact(
            digest=artifact.digest, size=found["ContentLength"], location=self._location(artifact)
        )

    def read(self, artifact: Artifact, beat: Callable[[], object]) -> bytes:
        """See Store; a build larger than 512 MiB is refused before it fills the memory."""
        with in_release_words(f"s3 get {self._location(artifact)}"):
            found = self._client().get_object(Bucket=self._bucket, Key=_key(artifact))
            with closing(found["Body"]) as body:
                if found["ContentLength"] > _MOST_BYTES:
                    raise Refused(f"{self._location(artifact)}: larger than {_MOST_BYTES} bytes")
                return b"".join(self._chunks(body, beat))

    def read_part(self, artifact: Artifact, digest: str) -> bytes:
        """Raise: an object is whole."""
        raise TargetMissing(f"{self._location(artifact)} is one object: it has no part {digest}")

    def write(self, artifact: Artifact, content: bytes, part: Callable[[str], bytes]) -> None:
        """See Store; a second writer of the same build finds the first one's bytes and is done."""
        del part  # an object refers to nothing
        with in_release_words(f"s3 put {self._location(artifact)}"):
            try:
                self._client().put_object(
                    Bucket=self._bucket,
                    Key=_key(artifact),
                    Body=content,
                    ContentType="application/zip",
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error_code(error) not in _HELD_ALREADY:
                    raise

    def _chunks(self, body: Body, beat: Callable[[], object]) -> Iterator[bytes]:
        for chunk in body.iter_chunks(_CHUNK):
            beat()
            yield chunk

    def _location(self, artifact: Artifact) -> str:
        return f"s3://{self._bucket}/{_key(artifact)}"


def _key(artifact: Artifact) -> str:
    return f"{artifact.service}/{artifact.digest.replace(':', '-')}.zip"
