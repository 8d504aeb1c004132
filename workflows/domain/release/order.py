"""What a front door hands to a release: documents as written, and who asks."""

from pydantic import Field, JsonValue

from workflows.domain.people.identity import Proven
from workflows.domain.people.statement import START, Statement
from workflows.domain.values import Digest, Value


class ReleaseOrder(Value):
    """The input of a release. Documents travel as written; admission reads them strictly.

    `manifest_digest` is the content address of the release document, `catalog_digest` that of the
    catalog documents beside it. `requested_by` is what the front door says; `proof` is a token
    that shows it, on its way only: a release keeps what it proved.
    """

    name: str
    release: dict[str, JsonValue]
    catalog: dict[str, JsonValue]
    manifest_digest: Digest
    catalog_digest: Digest
    requested_by: str
    proof: str | None = Field(default=None, repr=False)

    def statement(self, release: str) -> Statement:
        """What the token of whoever asks must stand for: these very documents, as *release*."""
        return Statement(
            release=release,
            digest=self.manifest_digest,
            decision=START,
            terms={"catalog": self.catalog_digest},
        )

    def without_proof(self) -> "ReleaseOrder":
        """The order as it is kept: a token has no business in what others are asked."""
        return self.model_copy(update={"proof": None})

    def asked_by(self, trigger: Proven) -> "ReleaseOrder":
        """The order of the one whom a token proved, whatever name it came with."""
        return self.model_copy(update={"requested_by": trigger.person})
