"""What somebody says about one thing, and the one number that only this statement has."""

from pydantic import JsonValue

from workflows.domain.canonical import content_digest
from workflows.domain.values import Digest, Value

_KIND = "lockgate.dev/statement/v1"

APPROVE, REJECT = "approve", "reject"
START = "start"

LONGEST_PROOF = 16 * 1024
"""No identity token is longer: what is, is not carried to whoever verifies it."""


class Statement(Value):
    """One decision, in every part that a person would want their name to be bound to.

    `release` and `run` say of what, and in which run of it: the same content released again is
    another decision. `gate` is where: an environment, or what else is decided on. `digest` is the
    content that was looked at, `decision` the word (`approve`, `reject`, `waive`, …), `terms` what
    else was said, such as until when.
    """

    release: str = ""
    run: str = ""
    gate: str = ""
    digest: Digest
    decision: str
    reason: str = ""
    terms: dict[str, JsonValue] = {}

    @property
    def nonce(self) -> Digest:
        """What an identity token names to stand for this statement and for no other.

        It is computed from every field, so that a token cannot be moved to another release, run,
        gate, content, word or reason.
        """
        said = self.model_dump(mode="json")
        return content_digest({"kind": _KIND, **said})

    def __str__(self) -> str:
        where = f" at {self.gate}" if self.gate else ""
        return f"{self.decision}{where}"
