"""Emptying buckets of S3: every version, delete marker and unfinished upload."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.kinds import KINDS
from activities.environments.listing import Listings
from activities.environments.presence import tags_now
from activities.environments.provisioner import AwsClients
from activities.pace import Pace
from workflows.domain.environments.census import Tag
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.ports.environments import Emptied, EmptyBuckets

log = structlog.get_logger(__name__)

BUCKET = KINDS["AWS::S3::Bucket"]
_BATCH = 1000
"""As many as one call lists, and as many as one deletes."""
_NO_LOCK = {
    "InvalidRequest",
    "NoSuchObjectLegalHold",
    "NoSuchObjectLockConfiguration",
    "ObjectLockConfigurationNotFoundError",
}
_LATER = {"InternalError", "ServiceUnavailable", "SlowDown"}


class Buckets:
    """Finds the buckets of an environment, and empties them one after the other."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._listings = Listings(clients)

    def empty(self, ask: EmptyBuckets, pace: Pace) -> Emptied:
        """See EnvironmentsPort.empty_buckets. What is empty is not told, unless it was emptied.

        Raises:
            Refused: a bucket is held, or Object Lock keeps an object of one.
            Unavailable: S3 does not answer, or throttles.
        """
        before = pace.kept(Emptied)
        counts = dict(before.buckets) if before else {}
        for bucket in self._of(ask.environment):
            Emptying(self._clients("s3"), bucket, counts, pace).run()
            if counts.get(bucket):
                log.info("bucket_emptied", environment=ask.environment, removed=counts[bucket])
        return Emptied(buckets=counts)

    def _of(self, environment: str) -> list[str]:
        """By tag, and as its stack lists them; all are known before the first is touched."""
        listing = self._listings.read(environment)
        listed = {each.id for each in (*listing.there, *listing.doubtful)}
        owned = {each for each in listed if BUCKET.thing(each)}
        return [
            bucket
            for arn in sorted(owned | set(self._tagged(environment)))
            if (bucket := self._ours(environment, arn, listed=arn in owned))
        ]

    def _tagged(self, environment: str) -> Iterator[str]:
        asked: dict[str, Any] = {
            "TagFilters": [{"Key": Tag.ENVIRONMENT.value, "Values": [environment]}],
            "ResourceTypeFilters": ["s3"],
        }
        token = ""
        while True:
            with in_release_words(f"tagging: buckets of {environment}"):
                page = self._clients("resourcegroupstaggingapi").get_resources(
                    **asked, PaginationToken=token
                )
            yield from (each["ResourceARN"] for each in page["ResourceTagMappingList"])
            if not (token := page.get("PaginationToken", "")):
                return

    def _ours(self, environment: str, arn: str, *, listed: bool) -> str | None:
        """The bucket's name; None where it is gone, or tagged for somebody else by now."""
        if (thing := BUCKET.thing(arn)) is None:
            return None
        if (tags := tags_now(self._clients, BUCKET, thing)) is None:
            return None
        if Tag.HOLD in tags:
            raise Refused(f"bucket {thing.id} is held: {tags[Tag.HOLD]}; lift the hold first")
        found = tags.get(Tag.ENVIRONMENT, environment if listed else None)
        return thing.id if found == environment else None


@dataclass(frozen=True)
class Emptying:
    """The emptying of one bucket, a batch at a time from the beginning of what is left.

    So it holds one batch at most, however large the bucket, and a successor goes on where a
    killed one was. *counts* is how many of each bucket are removed, and kept for the successor.
    """

    s3: Any = field(repr=False)
    bucket: str
    counts: dict[str, int]
    pace: Pace = field(repr=False)

    def run(self) -> None:
        """Empty it; one that is gone is empty.

        Raises:
            Refused: see Buckets.empty.
            Unavailable: see Buckets.empty.
        """
        try:
            self._abort_uploads()
            last: list[dict[str, str]] = []
            while batch := self._batch():
                if batch == last:
                    raise Unavailable(
                        f"s3 still lists {len(batch)} versions in {self.bucket} that it deleted"
                    )
                self._delete(batch)
                last = batch
        except TargetMissing:
            return

    def _abort_uploads(self) -> None:
        last: list[str] = []
        while uploads := self._uploads():
            ids = [upload["UploadId"] for upload in uploads]
            if ids == last:
                raise Unavailable(
                    f"s3 still lists {len(ids)} uploads to {self.bucket} that it aborted"
                )
            for upload in uploads:
                self._abort(upload)
                self._count(1)
            last = ids

    def _uploads(self) -> list[Mapping[str, Any]]:
        with in_release_words(f"s3 list the uploads to {self.bucket}"):
            page = self.s3.list_multipart_uploads(Bucket=self.bucket, MaxUploads=_BATCH)
        return list(page.get("Uploads", ()))

    def _abort(self, upload: Mapping[str, Any]) -> None:
        key = upload["Key"]
        with in_release_words(f"s3 abort the upload of {self.bucket}/{key}"):
            try:
                self.s3.abort_multipart_upload(
                    Bucket=self.bucket, Key=key, UploadId=upload["UploadId"]
                )
            except ClientError as error:
                if error_code(error) != "NoSuchUpload":
                    raise

    def _batch(self) -> list[dict[str, str]]:
        with in_release_words(f"s3 list the versions in {self.bucket}"):
            page = self.s3.list_object_versions(Bucket=self.bucket, MaxKeys=_BATCH)
        listed = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        return [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in listed]

    def _delete(self, batch: list[dict[str, str]]) -> None:
        with in_release_words(f"s3 delete {len(batch)} versions from {self.bucket}"):
            answer = self.s3.delete_objects(
                Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True}
            )
        errors = answer.get("Errors", [])
        self._count(len(batch) - len(errors))
        if errors:
            self._refuse(errors[0])

    def _count(self, removed: int) -> None:
        if removed:
            self.counts[self.bucket] = self.counts.get(self.bucket, 0) + removed
        self.pace.beat(Emptied(buckets=dict(self.counts)))

    def _refuse(self, error: Mapping[str, str]) -> None:
        """Say why a version stays: mostly because it is locked."""
        key, version, code = error["Key"], error.get("VersionId", "null"), error.get("Code", "")
        where = f"{self.bucket}/{key}"
        if code in _LATER:
            raise Unavailable(f"s3 delete {where}: {code}: {error.get('Message', '')}")
        if lock := self._lock(key, version):
            raise Refused(
                f"{where} (version {version}) is kept by Object Lock: {lock}; nothing here goes "
                "around a lock: wait until it ends, or lift it by hand if you may"
            )
        raise Refused(f"s3 delete {where}: {code}: {error.get('Message', '')}")

    def _lock(self, key: str, version: str) -> str:
        which = {"Bucket": self.bucket, "Key": key, "VersionId": version}
        hold = self._asked("get_object_legal_hold", which).get("LegalHold", {})
        if hold.get("Status") == "ON":
            return "a legal hold, which ends when somebody lifts it"
        kept = self._asked("get_object_retention", which).get("Retention", {})
        if until := kept.get("RetainUntilDate"):
            return f"retention in mode {kept.get('Mode')} until {until:%Y-%m-%dT%H:%M:%SZ}"
        return ""

    def _asked(self, call: str, which: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            with in_release_words(f"s3 {call} of {self.bucket}/{which['Key']}"):
                answer: Mapping[str, Any] = getattr(self.s3, call)(**which)
        except TargetMissing:
            return {}
        except Refused as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) in _NO_LOCK:
                return {}
            raise
        return answer
