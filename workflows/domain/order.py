"""What a front door hands to a release: documents as written, and who asks."""

from pydantic import JsonValue

from workflows.domain.values import Digest, Value


class ReleaseOrder(Value):
    """The input of a release. Documents travel as written; admission reads them strictly.

    `manifest_digest` is the content address of the release document, `catalog_digest` that of the
    catalog documents beside it.
    """

    name: str
    release: dict[str, JsonValue]
    catalog: dict[str, JsonValue]
    manifest_digest: Digest
    catalog_digest: Digest
    requested_by: str
