"""The checkpoints of one log, as they lie in the seal store, and the keys that signed them."""

from collections.abc import Iterator
from datetime import datetime

from activities.sealing.store import SealStore
from workflows.domain.audit_log.checkpoint import Checkpoint, read_checkpoint
from workflows.domain.audit_log.note import NoteUntrusted, SigningKey, opened, read_key
from workflows.domain.errors import Diverged, TargetMissing

_DIGITS = 20


class Seals:
    """What was sealed of the log *origin*. Its own keys are sealed beside it, with the first use.

    So a key that is put in the vault's place later signs nothing that was sealed before, and
    every key that ever signed is still there to verify with. Meant for one activity: what was
    read of the keys is kept. Raises what the store raises.
    """

    def __init__(self, store: SealStore, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._keys: tuple[SigningKey, ...] = ()

    def seal(self, note: str, key: SigningKey, *, until: datetime) -> str:
        """Keep *note*, which *key* signed; the note that was sealed first for that size.

        Raises:
            Diverged: another root is sealed for that size.
        """
        checkpoint = read_checkpoint(opened(note, [key]))
        self._store.keep(self._key_name(key), f"{key}\n".encode(), until=until)
        self._keys = ()
        kept = self._store.keep(self._name(checkpoint.size), note.encode(), until=until).decode()
        if self._opened(kept, checkpoint.size).root != checkpoint.root:
            raise Diverged(
                f"{self._store.place}: another root is sealed for {checkpoint.size} records; "
                "the record was written anew after that, or two ledgers seal to one place"
            )
        return kept

    def sizes(self, *, at_least: int = 0) -> Iterator[int]:
        """The sizes that are sealed, from the smallest."""
        after = self._name(at_least - 1) if at_least > 0 else ""
        for name in self._store.names(f"checkpoints/{self._origin}/", after=after):
            yield int(name.rpartition("/")[2])

    def read(self, size: int) -> tuple[str, Checkpoint]:
        """The note of that size, and the checkpoint that it is.

        Raises:
            TargetMissing: none of that size was sealed.
            Diverged: what lies there is no checkpoint of that size, or nobody signed it.
        """
        found = self._store.read(self._name(size))
        if found is None:
            raise TargetMissing(f"{self._store.place}: no checkpoint of {size} records is sealed")
        note = found.decode(errors="replace")
        return note, self._opened(note, size)

    def signers(self) -> tuple[SigningKey, ...]:
        """Every key that a checkpoint of this log was signed with.

        Raises:
            Diverged: what lies there is no key of this log.
        """
        if not self._keys:
            self._keys = tuple(self._stored_keys())
        return self._keys

    def _stored_keys(self) -> Iterator[SigningKey]:
        for name in self._store.names(f"keys/{self._origin}/"):
            content = self._store.read(name) or b""
            try:
                key = read_key(content.decode(errors="replace").removesuffix("\n"))
            except NoteUntrusted as error:
                raise Diverged(f"{self._store.place}/{name}: {error}") from error
            if name != self._key_name(key):
                raise Diverged(f"{self._store.place}/{name} holds the key {key}")
            yield key

    def _opened(self, note: str, size: int) -> Checkpoint:
        try:
            checkpoint = read_checkpoint(opened(note, self.signers()))
        except NoteUntrusted as error:
            raise Diverged(f"{self._store.place}/{self._name(size)}: {error}") from error
        if (checkpoint.origin, checkpoint.size) != (self._origin, size):
            raise Diverged(f"{self._store.place}/{self._name(size)} is of {checkpoint}")
        return checkpoint

    def _name(self, size: int) -> str:
        return f"checkpoints/{self._origin}/{size:0{_DIGITS}d}"

    def _key_name(self, key: SigningKey) -> str:
        return f"keys/{self._origin}/{key.id.hex()}"
