"""The place where the record is sealed, as the settings name it."""

from datetime import timedelta

from activities.sealing import STORES, SealingActivities, SealPlace, TransitSigner
from workers.aws import aws_client
from workers.health import Dependency
from workers.parts import Parts


def sealing_of(parts: Parts) -> tuple[SealingActivities, tuple[Dependency, ...]]:
    """What seals the record, and the systems that it asks; without settings it seals nothing."""
    entry = parts.settings.sealing
    if entry is None:
        return SealingActivities(parts.ledger, None), (parts.ledger_need,)
    store = STORES[entry.type](client=aws_client(parts, "s3", entry), bucket=entry.bucket)
    place = SealPlace(
        origin=entry.origin,
        store=store,
        signer=TransitSigner(parts.vault, key=entry.transit_key, origin=entry.origin),
        retention=timedelta(days=entry.retention_days),
    )
    where = entry.endpoint or f"AWS {entry.region}"
    bucket = Dependency("sealing.bucket", f"bucket {entry.bucket} at {where}", store.locks)
    return SealingActivities(parts.ledger, place), (parts.vault_need, parts.ledger_need, bucket)
