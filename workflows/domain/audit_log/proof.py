"""What stands beside a record to show that it is under a checkpoint, and beside that one."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from workflows.domain.audit import Link, written
from workflows.domain.audit_log.checkpoint import Checkpoint, read_checkpoint
from workflows.domain.audit_log.merkle import Hash, extends, includes, leaf_hash
from workflows.domain.audit_log.note import NoteUntrusted, SigningKey, opened
from workflows.domain.values import Value


class Proof(Value):
    """Where the record at *position* of its chain stands in the log, and RFC 6962's audit path."""

    position: int
    leaf: int
    path: tuple[str, ...]


class Seal(Value):
    """A checkpoint as it was sealed, and the proof that the newest one continues it.

    `proof` is RFC 6962's consistency proof, as hexadecimal hashes; empty for the newest itself.
    """

    note: str
    proof: tuple[str, ...] = ()


def newest_of(seals: Sequence[Seal], keys: Iterable[SigningKey]) -> Checkpoint:
    """The newest checkpoint, once each of *seals* has been seen to be its beginning.

    Raises:
        NoteUntrusted: one is not signed, is of another log, is out of order, or is not continued;
            the text begins with which one it is.
    """
    known = tuple(keys)
    if not seals:
        raise NoteUntrusted("no checkpoint at all")
    found = []
    for number, seal in enumerate(seals, start=1):
        try:
            found.append(read_checkpoint(opened(seal.note, known)))
        except NoteUntrusted as error:
            raise NoteUntrusted(f"checkpoint {number}: {error}") from None
    newest = found[-1]
    for number, (before, after) in enumerate(pairwise(found), start=2):
        if after.size <= before.size:
            raise NoteUntrusted(f"checkpoint {number} is not larger than the one before it")
    for number, (seal, checkpoint) in enumerate(zip(seals, found, strict=True), start=1):
        if checkpoint.origin != newest.origin:
            raise NoteUntrusted(f"checkpoint {number} is of the log {checkpoint.origin}")
        if not _continued(seal, checkpoint, newest):
            raise NoteUntrusted(
                f"checkpoint {number}, {checkpoint}, is not the beginning of {newest}: the record "
                "was written anew between the two"
            )
    return newest


def unproved(links: Sequence[Link], proofs: Sequence[Proof], newest: Checkpoint) -> Iterator[str]:
    """What is wrong with *proofs*, which are of the first of *links*, in their order."""
    for number, proof in enumerate(proofs):
        if number >= len(links) or links[number].position != proof.position:
            yield f"proof {number + 1} is of position {proof.position}, which is not the record's"
            return
        link = links[number]
        shown = includes(
            leaf_hash(written(link).encode()),
            index=proof.leaf,
            size=newest.size,
            path=_hashes(proof.path),
            root_hash=bytes.fromhex(newest.root),
        )
        if not shown:
            yield f"position {link.position} of {link.chain} is not what {newest} covers"


def _continued(seal: Seal, checkpoint: Checkpoint, newest: Checkpoint) -> bool:
    return extends(
        old=checkpoint.size,
        new=newest.size,
        proof=_hashes(seal.proof),
        old_root=bytes.fromhex(checkpoint.root),
        new_root=bytes.fromhex(newest.root),
    )


def _hashes(path: Sequence[str]) -> list[Hash]:
    """Hashes as bytes; what is no hash becomes one that nothing has."""
    found = []
    for step in path:
        try:
            found.append(bytes.fromhex(step))
        except ValueError:
            found.append(b"")
    return found
