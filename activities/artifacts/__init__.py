"""Artifacts: one adapter for each type of store that a catalog may name."""

from typing import Final

from activities.artifacts.ecr import EcrStore
from activities.artifacts.s3 import S3Store

STORES: Final = {"s3": S3Store, "ecr": EcrStore}
"""The `type` of a store in a catalog or in the settings, to the adapter that drives it."""
