"""Files under content addresses in a bucket that lets nobody change or remove them.

A locked version cannot be changed; a newer one, or a marker that says deleted, can still be put
over it. So the oldest version of a key is what counts.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from workflows.domain.errors import Refused

MOST_BYTES = 32 * 1024 * 1024
LockMode = Literal["COMPLIANCE", "GOVERNANCE"]

_HELD_ALREADY = {"PreconditionFailed", "412"}


class S3(Protocol):
    """The calls of boto3's S3 client that this module makes."""

    def get_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - AWS's names
        Key: str,  # noqa: N803 - AWS's names
        VersionId: str,  # noqa: N803 - AWS's names
    ) -> Any: ...

    def get_paginator(self, operation_name: str) -> Any: ...

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - AWS's names
        Key: str,  # noqa: N803 - AWS's names
        Body: bytes,  # noqa: N803 - AWS's names
        ContentMD5: str,  # noqa: N803 - AWS's names
        IfNoneMatch: str,  # noqa: N803 - AWS's names
        ObjectLockMode: LockMode,  # noqa: N803 - AWS's names
        ObjectLockRetainUntilDate: datetime,  # noqa: N803 - AWS's names
    ) -> Any: ...


class Archive(Protocol):
    """Keeps what it is given, and gives back what it was given first."""

    def keep(self, key: str, content: bytes) -> None:
        """Hold *content* under *key*, locked; what is held there already stays as it is.

        Raises:
            Refused: there is no such bucket, or it cannot lock what it holds.
            Unavailable: the store does not answer.
        """
        ...

    def find(self, key: str) -> bytes | None:
        """What is held under *key*; None for nothing.

        Raises:
            Unavailable: the store does not answer.
            Refused: it is larger than anything that is kept here.
        """
        ...

    def location(self, key: str) -> str:
        """How a person finds it."""
        ...


class S3Archive:
    """One bucket with Object Lock. *client* is asked for at each call: credentials may change."""

    def __init__(
        self,
        *,
        client: Callable[[], S3],
        bucket: str,
        mode: LockMode,
        retention: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._mode: LockMode = mode
        self._retention = retention
        self._clock = clock

    def keep(self, key: str, content: bytes) -> None:
        """See Archive."""
        with in_release_words(f"s3 put {self.location(key)}"):
            try:
                self._client().put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=content,
                    # S3 takes no locked object without a checksum of what was sent.
                    ContentMD5=_md5(content),
                    IfNoneMatch="*",
                    ObjectLockMode=self._mode,
                    ObjectLockRetainUntilDate=self._clock() + self._retention,
                )
            except ClientError as error:
                if error_code(error) not in _HELD_ALREADY:
                    raise

    def find(self, key: str) -> bytes | None:
        """See Archive."""
        with in_release_words(f"s3 get {self.location(key)}"):
            versions = list(self._versions(key))
            if not versions:
                return None
            found = self._client().get_object(Bucket=self._bucket, Key=key, VersionId=versions[-1])
            with closing(found["Body"]) as body:
                if found["ContentLength"] > MOST_BYTES:
                    raise Refused(f"{self.location(key)} has more than {MOST_BYTES} bytes")
                content: bytes = body.read()
        return content

    def _versions(self, key: str) -> Iterator[str]:
        """The ids of the versions of *key*, from the newest to the oldest; no markers."""
        pages = self._client().get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=key):
            for version in page.get("Versions", ()):
                if version["Key"] == key:
                    yield version["VersionId"]

    def location(self, key: str) -> str:
        """See Archive."""
        return f"s3://{self._bucket}/{key}"


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
