"""Publishes the shop's bundles to a bucket, each under a key that holds its digest."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from examples.shop.build import Bundle
from examples.shop.services.shop_packing import digest_of

CONTENT_TYPE = "application/zip"
FIELDS = ("endpoint", "bucket", "access_key", "secret_key")


class CannotPublish(Exception):
    """The bucket cannot be used; the message says which, and why."""


def publish(bundles: Sequence[Bundle], place: Path) -> list[Bundle]:
    """Upload what the bucket of the file *place* lacks; returns what had to be uploaded.

    What is there is read and compared, so an object that is not what its key says is replaced.

    Raises:
        CannotPublish: the file is unusable, or the bucket cannot be reached or written.
    """
    told = _read(place)
    client = _client(told)
    try:
        missing = [b for b in bundles if _stored(client, told["bucket"], b.key) != b.digest]
        for bundle in missing:
            client.put_object(
                Bucket=told["bucket"],
                Key=bundle.key,
                Body=bundle.content,
                ContentType=CONTENT_TYPE,
            )
    except (BotoCoreError, ClientError) as error:
        where = f"bucket {told['bucket']} at {told['endpoint']}"
        raise CannotPublish(f"{where} (from {place}): {error}") from error
    return missing


def _stored(client: Any, bucket: str, key: str) -> str | None:
    """The digest of what the bucket holds at *key*; None where it holds nothing."""
    try:
        found = client.get_object(Bucket=bucket, Key=key)
    except client.exceptions.NoSuchKey:
        return None
    with found["Body"] as body:
        return digest_of(body.read())


def _client(told: dict[str, str]) -> Any:
    patience = Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path"},
        # Stores other than AWS do not all know the checksum trailers that boto3 adds unasked.
        request_checksum_calculation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=told["endpoint"],
        aws_access_key_id=told["access_key"],
        aws_secret_access_key=told["secret_key"],
        region_name="us-east-1",
        config=patience,
    )


def _read(place: Path) -> dict[str, str]:
    expected = f"expected a JSON object with {', '.join(FIELDS)}"
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotPublish(f"{place}: {expected}; cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CannotPublish(f"{place}: {expected}; not JSON: {error}") from error
    missing = [name for name in FIELDS if not isinstance(told, dict) or name not in told]
    if missing:
        raise CannotPublish(f"{place}: {expected}; missing: {', '.join(missing)}")
    return {name: str(told[name]) for name in FIELDS}
