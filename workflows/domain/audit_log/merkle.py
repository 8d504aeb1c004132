"""A Merkle tree that only grows, hashed as RFC 6962 says: its roots, and proofs about them.

A tree is known by its perfect subtrees: the one at *level* and *index* holds the leaves
`[index << level, (index + 1) << level)`. They never change once they are full, so that a store of
them answers every question about every size that the tree ever had.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

Hash = bytes
"""A SHA-256 digest: 32 bytes."""

Nodes = Callable[[int, int], Hash]
"""The hash of the perfect subtree at (level, index); level 0 are the leaves."""

EMPTY: Hash = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(record: bytes) -> Hash:
    return hashlib.sha256(b"\x00" + record).digest()


def parent_hash(left: Hash, right: Hash) -> Hash:
    """The hash over two subtrees; its prefix keeps a leaf from being shown as one of these."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(size: int, leaf: Hash, nodes: Nodes) -> Iterable[tuple[int, int, Hash]]:
    """The perfect subtrees that a tree of *size* gains by one more leaf, as (level, index, hash).

    *nodes* is asked for subtrees that were full before.
    """
    level, index, found = 0, size, leaf
    yield level, index, found
    while index & 1:
        found = parent_hash(nodes(level, index - 1), found)
        level, index = level + 1, index >> 1
        yield level, index, found


def root(size: int, nodes: Nodes) -> Hash:
    """The root of the first *size* leaves."""
    return EMPTY if size == 0 else _over(0, size, nodes)


def inclusion(index: int, size: int, nodes: Nodes) -> tuple[Hash, ...]:
    """The audit path that shows leaf *index* in the tree of the first *size* leaves.

    Raises:
        ValueError: there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return tuple(_path(index, 0, size, nodes))


def consistency(old: int, new: int, nodes: Nodes) -> tuple[Hash, ...]:
    """The proof that the tree of *old* leaves is the beginning of the one of *new* leaves.

    Raises:
        ValueError: *old* is larger than *new*, or less than one leaf.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    return tuple(_subproof(old, 0, new, nodes, whole=True))


def includes(leaf: Hash, *, index: int, size: int, path: Sequence[Hash], root_hash: Hash) -> bool:
    """Whether *path* shows that *leaf* is number *index* of the *size* leaves under *root_hash*.

    As RFC 9162, 2.1.3.2: with an honest root, no other leaf and no other place can be shown.
    """
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = parent_hash(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = parent_hash(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root_hash


def extends(*, old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> bool:
    """Whether *proof* shows that the tree of *old* leaves is the beginning of that of *new*.

    As RFC 9162, 2.1.4.2.
    """
    if old == new:
        return old > 0 and not proof and old_root == new_root
    if not 0 < old < new:
        return False
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        return False
    return _climbs(old, new, steps) == (old_root, new_root)


def _climbs(old: int, new: int, steps: Sequence[Hash]) -> tuple[Hash, Hash] | None:
    """The two roots that a consistency proof leads to."""
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            before, after = parent_hash(beside, before), parent_hash(beside, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = parent_hash(after, beside)
        at, last = at >> 1, last >> 1
    return (before, after) if last == 0 else None


def _over(start: int, end: int, nodes: Nodes) -> Hash:
    """The hash over the leaves [start, end); a perfect subtree is looked up, not computed."""
    width = end - start
    if width & (width - 1) == 0:
        return nodes(width.bit_length() - 1, start // width)
    split = start + _largest_below(width)
    return parent_hash(_over(start, split, nodes), _over(split, end, nodes))


def _path(index: int, start: int, end: int, nodes: Nodes) -> list[Hash]:
    if end - start == 1:
        return []
    split = start + _largest_below(end - start)
    if index < split:
        return [*_path(index, start, split, nodes), _over(split, end, nodes)]
    return [*_path(index, split, end, nodes), _over(start, split, nodes)]


def _subproof(old: int, start: int, end: int, nodes: Nodes, *, whole: bool) -> list[Hash]:
    """RFC 6962, 2.1.2; *whole*: the old tree is all of [start, end), which its root shows."""
    if old == end:
        return [] if whole else [_over(start, end, nodes)]
    split = start + _largest_below(end - start)
    if old <= split:
        rest = _over(split, end, nodes)
        return [*_subproof(old, start, split, nodes, whole=whole), rest]
    return [*_subproof(old, split, end, nodes, whole=False), _over(start, split, nodes)]


def _largest_below(width: int) -> int:
    """The largest power of two that is smaller than *width*, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1
