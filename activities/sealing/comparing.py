"""Whether the ledger's log is still the one that was sealed, and where it is not."""

from collections.abc import Callable, Sequence

from activities.sealing.log import MerkleLog
from activities.sealing.seals import Seals
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.merkle import Hash, grown, root
from workflows.domain.errors import Diverged, TargetMissing


def compared(log: MerkleLog, seals: Seals, *, at_least: int) -> tuple[str, Checkpoint] | None:
    """The newest seal, once every one of *at_least* that size has been seen to be of this log.

    None where nothing is sealed.

    Raises:
        Diverged: the log is shorter than what was sealed, or another; it says where.
    """
    newest = None
    for size in seals.sizes(at_least=at_least):
        newest = seals.read(size)
        if not _fits(log, newest[1]):
            raise Diverged(misfit(log, seals, newest[1]))
    if newest is None and at_least > 0:
        raise Diverged(
            f"the ledger knows of a checkpoint over {at_least} records, and the store of sealed "
            "checkpoints holds none of that size: is it the same store?"
        )
    return newest


def misfit(log: MerkleLog, seals: Seals, checkpoint: Checkpoint) -> str:
    """Why *checkpoint* is not of *log*, and between which records the difference lies."""
    held = log.size()
    if held < checkpoint.size:
        return (
            f"the ledger's log holds {held} records, and {checkpoint} is sealed: the last "
            f"{checkpoint.size - held} are gone, as after restoring an older copy"
        )
    sizes = [size for size in seals.sizes() if size <= checkpoint.size]
    fits = _last_that_fits(log, seals, sizes)
    return (
        f"the ledger's log is not what {checkpoint} covers: records {fits + 1} to "
        f"{checkpoint.size} of the log, from {log.place_of(fits)} to "
        f"{log.place_of(checkpoint.size - 1)}, hold a change; up to record {fits} all is as sealed"
    )


def first_flaw(log: MerkleLog, seals: Seals, beat: Callable[[], object]) -> tuple[int, str | None]:
    """How many records fit, computed from the records themselves, and what is wrong after them."""
    sizes = list(seals.sizes())
    held: dict[int, Hash] = {}
    read, sealed = 0, iter([*sizes, None])
    due = next(sealed)
    for leaf in log.leaves(beat):
        # All of them before any is held: each is made from the one that it takes the place of.
        gained = list(grown(read, leaf, lambda level, _: held[level]))
        held.update({level: digest for level, _, digest in gained})
        read += 1
        if read == due:
            checkpoint = seals.read(read)[1]
            if root(read, lambda level, _: held[level]).hex() != checkpoint.root:
                return read, misfit(log, seals, checkpoint)
            due = next(sealed)
    if read < log.size():
        return read, f"{log.place_of(read)} was changed or removed after the log took it in"
    if due is not None:
        return read, misfit(log, seals, seals.read(due)[1])
    return read, None


def _last_that_fits(log: MerkleLog, seals: Seals, sizes: Sequence[int]) -> int:
    """The largest of *sizes* at which the log is as sealed; 0 where it never is.

    A log that differs at one size differs at every later one, so halving finds it.
    """
    low, high = 0, len(sizes)
    while low < high:
        middle = (low + high) // 2
        if _fits(log, seals.read(sizes[middle])[1]):
            low = middle + 1
        else:
            high = middle
    return sizes[low - 1] if low else 0


def _fits(log: MerkleLog, checkpoint: Checkpoint) -> bool:
    try:
        return log.root(checkpoint.size).hex() == checkpoint.root
    except TargetMissing:
        return False
