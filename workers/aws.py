"""Clients of AWS, and of what speaks its protocols, with keys from the vault."""

from collections.abc import Mapping
from typing import Any, Protocol

import boto3
from botocore.config import Config

from activities.rates import ApiRates
from workers.parts import Parts
from workers.renewed import Renewed

# Nothing can end a thread that waits in a client, so each has its own limits.
_CONNECT_SECONDS, _READ_SECONDS = 5, 30
_ATTEMPTS = 2

KV = "kv"


class AwsEntry(Protocol):
    """What every entry of the settings that AWS answers for says about how it is reached."""

    @property
    def region(self) -> str: ...

    @property
    def endpoint(self) -> str | None:
        """Where something else than AWS answers: an emulator, or another maker's storage."""

    @property
    def credentials(self) -> str | None:
        """The vault's KV path of the keys; AWS's own default credentials where there is none."""


def aws_client(
    parts: Parts, service: str, entry: AwsEntry, *, rates: ApiRates | None = None
) -> Renewed:
    """A client of *service*, such as `s3`, as *entry* says; made when it is first called for.

    With *rates*, each of its requests waits for its turn.
    """
    path = entry.credentials

    def keys() -> Mapping[str, str]:
        return {} if path is None else parts.vault.read_secret(f"{KV}/{path}")

    def make(held: Mapping[str, str]) -> Any:
        client = boto3.session.Session().client(
            service,
            region_name=entry.region,
            endpoint_url=entry.endpoint,
            aws_access_key_id=held.get("access_key"),
            aws_secret_access_key=held.get("secret_key"),
            config=_config(local=entry.endpoint is not None),
        )
        return client if rates is None else rates.bind(client)

    return Renewed(keys, make)


def _config(*, local: bool) -> Config:
    """Short waits and few tries: the activity is tried again, and that shows in the UI.

    An emulator answers what it lacks with status 500, so there is nothing to try again; and it
    wants paths instead of host names, and no checksums that only AWS knows.
    """
    common = {"connect_timeout": _CONNECT_SECONDS, "read_timeout": _READ_SECONDS}
    if not local:
        return Config(**common, retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"})
    return Config(
        **common,
        retries={"total_max_attempts": 1, "mode": "standard"},
        proxies={},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
