"""Where evidence about builds is kept, and with which key that is signed."""

from typing import Literal

from pydantic import Field

from infra.part import Part


class AttestationsSettings(Part):
    """A bucket with Object Lock that evidence is kept in, and the transit key that signs there.

    `signing_key` signs decisions and receipts: of type ed25519 or ecdsa-p256. Everything is locked
    for `retention_days`; under `COMPLIANCE` nobody can shorten that, under `GOVERNANCE` whoever
    has the right to. `credentials` is the vault's KV path that holds access_key and secret_key.
    """

    bucket: str
    signing_key: str = "lockgate-decisions"
    retention_days: int = Field(default=365, ge=1, le=36500)
    lock: Literal["COMPLIANCE", "GOVERNANCE"] = "COMPLIANCE"
    region: str = "us-east-1"
    endpoint: str | None = None
    credentials: str | None = None
