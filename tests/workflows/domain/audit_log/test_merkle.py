"""The tree against the vectors of Certificate Transparency, and against RFC 6962's definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.audit_log.merkle import (
    EMPTY,
    consistency,
    extends,
    grown,
    includes,
    inclusion,
    leaf_hash,
    parent_hash,
    root,
)

LEAVES = [
    bytes.fromhex(written)
    for written in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_5F, _6B, _96 = (
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
)
_BC, _CA, _0E = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
_B0 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
INCLUSIONS = (
    (0, 1, ()),
    (0, 8, (_96, _5F, _6B)),
    (5, 8, (_BC, _CA, ROOTS[4])),
    (2, 3, (ROOTS[2],)),
    (1, 5, (ROOTS[1], _5F, _BC)),
)
CONSISTENCIES = (
    (1, 1, ()),
    (1, 8, (_96, _5F, _6B)),
    (2, 8, (_5F, _6B)),
    (6, 8, (_0E, _CA, ROOTS[4])),
    (2, 5, (_5F, _BC)),
    (6, 7, (_0E, _B0, ROOTS[4])),
)


def grown_from(leaves):
    held = {}

    def node(level, index):
        return held[level, index]

    for size, leaf in enumerate(leaves):
        held.update({(level, index): h for level, index, h in grown(size, leaf, node)})
    return node


def defined_root(leaves):
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return parent_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def hexes(path):
    return tuple(step.hex() for step in path)


TREE = grown_from([leaf_hash(leaf) for leaf in LEAVES])


def trees(largest=70):
    """A tree of numbered leaves: its leaves, and its perfect subtrees."""
    sizes = st.integers(1, largest)
    return sizes.map(lambda size: [leaf_hash(str(number).encode()) for number in range(size)])


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size):
    assert root(size, TREE).hex() == ROOTS[size]
    assert root(0, TREE) == EMPTY


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_audit_paths_are_those_of_certificate_transparency(index, size, path):
    assert hexes(inclusion(index, size, TREE)) == path


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCIES)
def test_consistency_proofs_are_those_of_certificate_transparency(old, new, proof):
    assert hexes(consistency(old, new, TREE)) == proof


@given(trees())
def test_a_grown_tree_has_the_root_that_the_rfc_defines_at_every_size(leaves):
    node = grown_from(leaves)

    for size in range(len(leaves) + 1):
        assert root(size, node) == defined_root(leaves[:size])


@given(st.data())
def test_every_leaf_is_shown_at_its_place_and_nowhere_else(data):
    leaves = data.draw(trees())
    size, node = len(leaves), grown_from(leaves)
    index = data.draw(st.integers(0, size - 1))
    elsewhere = data.draw(st.integers(-1, size + 1).filter(lambda other: other != index))
    path, top = inclusion(index, size, node), root(size, node)

    assert includes(leaves[index], index=index, size=size, path=path, root_hash=top)
    assert not includes(leaves[index], index=elsewhere, size=size, path=path, root_hash=top)
    assert not includes(leaf_hash(b"other"), index=index, size=size, path=path, root_hash=top)


@given(st.data())
def test_a_path_that_is_not_whole_shows_nothing(data):
    leaves = data.draw(trees())
    size, node = len(leaves), grown_from(leaves)
    index = data.draw(st.integers(0, size - 1))
    path, top = inclusion(index, size, node), root(size, node)

    longer = (*path, EMPTY)
    assert not includes(leaves[index], index=index, size=size, path=longer, root_hash=top)
    if path:
        shorter = path[:-1]
        assert not includes(leaves[index], index=index, size=size, path=shorter, root_hash=top)


@given(st.data())
def test_every_earlier_tree_is_shown_as_the_beginning_of_a_later_one(data):
    leaves = data.draw(trees())
    new, node = len(leaves), grown_from(leaves)
    old = data.draw(st.integers(1, new))
    proof = consistency(old, new, node)
    roots = {"old_root": root(old, node), "new_root": root(new, node)}

    assert extends(old=old, new=new, proof=proof, **roots)
    for changed in roots:
        assert not extends(old=old, new=new, proof=proof, **{**roots, changed: EMPTY})
    assert not extends(old=old, new=new, proof=(*proof, EMPTY), **roots)
    if proof:
        assert not extends(old=old, new=new, proof=proof[:-1], **roots)


@given(st.data())
def test_the_root_of_a_tree_is_not_shown_as_that_of_a_deeper_one(data):
    """Of trees as deep as each other, it is the signed size that tells which one it is."""
    leaves = data.draw(trees())
    new, node = len(leaves), grown_from(leaves)
    widest = 1 << (new - 1).bit_length()
    old, claimed = data.draw(st.integers(1, new)), data.draw(st.integers(widest + 1, 4 * widest))
    roots = {"old_root": root(old, node), "new_root": root(new, node)}

    assert not extends(old=old, new=claimed, proof=consistency(old, new, node), **roots)


@given(st.data())
def test_a_tree_with_another_past_is_no_continuation(data):
    leaves = data.draw(trees())
    new, node = len(leaves), grown_from(leaves)
    old = data.draw(st.integers(1, new))
    rewritten = data.draw(st.integers(0, old - 1))
    other = grown_from([*leaves[:rewritten], leaf_hash(b"other"), *leaves[rewritten + 1 :]])

    assert not extends(
        old=old,
        new=new,
        proof=consistency(old, new, other),
        old_root=root(old, node),
        new_root=root(new, other),
    )


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of {size}"):
        inclusion(index, size, TREE)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_a_tree_begins_with_no_larger_one_and_nothing_begins_it(old, new):
    with pytest.raises(ValueError, match="is not the beginning"):
        consistency(old, new, TREE)
    assert not extends(old=old, new=new, proof=(), old_root=EMPTY, new_root=EMPTY)
