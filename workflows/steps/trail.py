"""What a story did and decided, kept until the audit record has it."""

from temporalio import workflow

from workflows.domain.audit import Entry
from workflows.domain.values import MOST_OF_A_NAME

_MOST_HANDED_OVER = 1000


class Trail:
    """Entries in the order in which they happened; *source* makes their keys unique."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0
        self._open: list[Entry] = []

    def note(
        self,
        action: str,
        sentence: str,
        *,
        outcome: str,
        detail: str = "",
        actor: str | None = None,
    ) -> None:
        """Keep one action or decision; what is long is cut, the Temporal history has it."""
        self._count += 1
        entry = Entry(
            key=f"{self._source}#{self._count}",
            at=workflow.now(),
            action=action,
            sentence=sentence,
            outcome=outcome,
            detail=detail,
            actor=actor,
        )
        self._open.append(_bounded(entry))

    def take_over(self, entries: tuple[Entry, ...]) -> None:
        """Keep what another story noted, under the keys that it gave."""
        self._open += (_bounded(entry) for entry in entries[:_MOST_HANDED_OVER])

    @property
    def unwritten(self) -> tuple[Entry, ...]:
        return tuple(self._open)

    def written(self, entries: tuple[Entry, ...]) -> None:
        """Forget *entries*: the record has them."""
        self._open = self._open[len(entries) :]


def _bounded(entry: Entry) -> Entry:
    """*entry* as it fits beside others into one message: anybody may have written parts of it."""
    return entry.model_copy(
        update={
            "action": entry.action[:100],
            "sentence": entry.sentence[:300],
            "outcome": entry.outcome[:100],
            "detail": entry.detail[:500],
            "actor": entry.actor[:MOST_OF_A_NAME] if entry.actor is not None else None,
        }
    )
