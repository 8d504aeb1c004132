"""Checkpoints in an S3 bucket with Object Lock, in compliance mode.

A locked version cannot be changed or removed by anybody; a newer version, or a marker that says
deleted, can still be put over it. So the oldest version of a name is what counts.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from workflows.domain.errors import Refused, Unavailable

_MOST_BYTES = 1024 * 1024
_HELD_ALREADY = {"PreconditionFailed", "412"}
_NO_LOCK = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"}
_COMPLIANCE = "COMPLIANCE"
# Not with every checkpoint: a lock is made longer once a day.
_SLACK = timedelta(days=1)


class S3Seals:
    """A SealStore. *client* is asked for a client at each call, so that keys may change."""

    def __init__(self, *, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @property
    def place(self) -> str:
        return f"s3://{self._bucket}"

    def keep(self, name: str, content: bytes, *, until: datetime) -> bytes:
        """See SealStore."""
        if self._first_version(name) is None:
            self._put(name, content, until)
        found = self.read(name)
        if found is None:
            raise Unavailable(f"{self.place}/{name} is not there although it was just put")
        self._see_locked(name, until)
        return found

    def read(self, name: str) -> bytes | None:
        """See SealStore."""
        first = self._first_version(name)
        if first is None:
            return None
        with in_release_words(f"s3 get {self.place}/{name}"):
            found = self._client().get_object(
                Bucket=self._bucket, Key=name, VersionId=first["VersionId"]
            )
            with closing(found["Body"]) as body:
                if found["ContentLength"] > _MOST_BYTES:
                    raise Refused(f"{self.place}/{name}: larger than any checkpoint")
                content: bytes = body.read()
                return content

    def names(self, beginning: str, *, after: str = "") -> Iterator[str]:
        """See SealStore."""
        last = ""
        for version in self._versions(beginning, after):
            name: str = version["Key"]
            if name != last and name > after:
                yield name
            last = name

    def locks(self) -> None:
        """See SealStore."""
        try:
            with in_release_words(f"s3 object lock of {self.place}"):
                found = self._client().get_object_lock_configuration(Bucket=self._bucket)
        except Refused as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) in _NO_LOCK:
                found = {}
            else:
                raise
        if found.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            raise Refused(
                f"{self.place} has no Object Lock, which can only be chosen when a bucket is "
                "made: make another one for checkpoints"
            )

    def _put(self, name: str, content: bytes, until: datetime) -> None:
        with in_release_words(f"s3 put {self.place}/{name}"):
            try:
                self._client().put_object(
                    Bucket=self._bucket,
                    Key=name,
                    Body=content,
                    ContentType="text/plain; charset=utf-8",
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",
                    ObjectLockMode=_COMPLIANCE,
                    ObjectLockRetainUntilDate=until.astimezone(UTC),
                )
            except ClientError as error:
                if error_code(error) not in _HELD_ALREADY:
                    raise

    def _see_locked(self, name: str, until: datetime) -> None:
        """A lock that ends long before is made longer, as a key's must that signs for years."""
        which = {"Bucket": self._bucket, "Key": name}
        which["VersionId"] = self._first_version(name)["VersionId"]
        with in_release_words(f"s3 retention of {self.place}/{name}"):
            lock = self._client().get_object_retention(**which)["Retention"]
            if lock["Mode"] == _COMPLIANCE and lock["RetainUntilDate"] < until - _SLACK:
                longer = {"Mode": _COMPLIANCE, "RetainUntilDate": until.astimezone(UTC)}
                self._client().put_object_retention(**which, Retention=longer)
        if lock["Mode"] != _COMPLIANCE:
            raise Refused(f"{self.place}/{name} is kept in mode {lock['Mode']}, not {_COMPLIANCE}")

    def _first_version(self, name: str) -> Any:
        versions = [v for v in self._versions(name, "") if v["Key"] == name]
        return versions[-1] if versions else None

    def _versions(self, beginning: str, after: str) -> Iterator[Any]:
        """Versions by name, those of one name from the newest to the oldest; no markers."""
        asked = {"Bucket": self._bucket, "Prefix": beginning}
        if after:
            asked["KeyMarker"] = after
        with in_release_words(f"s3 list {self.place}/{beginning}"):
            pages = self._client().get_paginator("list_object_versions").paginate(**asked)
            for page in pages:
                yield from page.get("Versions", ())
