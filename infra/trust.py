"""Whose words a worker believes when it rules."""

from pathlib import Path

from infra.part import Part


class DecisionsSettings(Part):
    """Which catalogs are ruled by, where not everybody who starts releases may write policies.

    `catalogs` is a file of content addresses, one on a line, that only the pipeline of the
    catalog's protected branch writes; it is read anew for each ruling. Without it, whoever may
    start a release also says by which policies and people it is decided.
    """

    catalogs: Path | None = None
