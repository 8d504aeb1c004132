"""What a story did and decided, kept until the audit record has it."""

from temporalio import workflow

from workflows.domain.audit import Entry


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
        """Keep one action or decision; long details are cut, the Temporal history has them."""
        self._count += 1
        entry = Entry(
            key=f"{self._source}#{self._count}",
            at=workflow.now(),
            action=action,
            sentence=sentence[:300],
            outcome=outcome,
            detail=detail[:500],
            actor=actor,
        )
        self._open.append(entry)

    def take_over(self, entries: tuple[Entry, ...]) -> None:
        """Keep what another story noted, under the keys that it gave."""
        self._open += entries

    @property
    def unwritten(self) -> tuple[Entry, ...]:
        return tuple(self._open)

    def written(self, entries: tuple[Entry, ...]) -> None:
        """Forget *entries*: the record has them."""
        self._open = self._open[len(entries) :]
