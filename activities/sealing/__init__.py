"""The record under signed checkpoints, in a store that lets nobody change them."""

from activities.sealing.activities import SealingActivities, SealPlace
from activities.sealing.log import MerkleLog
from activities.sealing.s3 import S3Seals
from activities.sealing.transit import TransitSigner

STORES = {"s3": S3Seals}
"""Kind of a seal store to the class that speaks to it."""

__all__ = ["STORES", "MerkleLog", "S3Seals", "SealPlace", "SealingActivities", "TransitSigner"]
