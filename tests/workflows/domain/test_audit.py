"""A chain holds, and shows every way of changing it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.domain.audit import GENESIS, Entry, broken, link
from workflows.domain.values import digest_of

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=30))]))
ENTRIES = st.builds(
    Entry,
    key=st.text(),
    at=MOMENTS,
    action=st.text(),
    sentence=st.text(),
    outcome=st.text(),
    detail=st.text(),
    actor=st.none() | st.text(),
)


def chained(entries, chain="release/shop/abc"):
    links, previous = [], GENESIS
    for position, entry in enumerate(entries, start=1):
        links.append(link(chain, position, entry, previous))
        previous = links[-1].hash
    return links


CHAINS = st.lists(ENTRIES, min_size=1, max_size=6).map(chained)


@given(CHAINS)
def test_a_chain_holds_as_it_was_written(links):
    assert broken(links) is None
    assert broken(links, head=links[-1].hash) is None


@given(CHAINS)
def test_a_chain_holds_after_a_trip_over_the_wire(links):
    carried = [type(found).model_validate_json(found.model_dump_json()) for found in links]

    assert broken(carried, head=links[-1].hash) is None


@given(CHAINS, ENTRIES, st.data())
def test_any_other_entry_in_a_place_is_found(links, other, data):
    place = data.draw(st.integers(0, len(links) - 1))
    changed = [*links]
    changed[place] = links[place].model_copy(update={"entry": other})

    assert (broken(changed) is None) == (other == links[place].entry)


@pytest.mark.parametrize(
    "change",
    [
        {"hash": digest_of("else")},
        {"previous": digest_of("else")},
        {"position": 7},
        {"chain": "release/other/1"},
    ],
)
@given(CHAINS, st.data())
def test_any_change_of_a_link_is_found(change, links, data):
    place = data.draw(st.integers(0, len(links) - 1))
    changed = [*links]
    changed[place] = links[place].model_copy(update=change)

    assert broken(changed) is not None


@given(CHAINS, st.data())
def test_any_removal_is_found_against_the_head(links, data):
    place = data.draw(st.integers(0, len(links) - 1))
    shorter = links[:place] + links[place + 1 :]

    assert broken(shorter, head=links[-1].hash) is not None
    assert (broken(shorter) is None) == (place == len(links) - 1)


@given(CHAINS, ENTRIES, st.data())
def test_any_insertion_is_found_even_when_it_is_linked_well(links, added, data):
    place = data.draw(st.integers(0, len(links) - 1))
    previous = links[place - 1].hash if place else GENESIS
    forged = link(links[0].chain, place + 1, added, previous)

    assert broken([*links[:place], forged, *links[place:]]) is not None


@given(st.lists(ENTRIES, min_size=2, max_size=6).map(chained), st.data())
def test_any_swap_is_found(links, data):
    one, other = sorted(
        data.draw(st.lists(st.integers(0, len(links) - 1), min_size=2, max_size=2, unique=True))
    )
    swapped = [*links]
    swapped[one], swapped[other] = links[other], links[one]

    assert broken(swapped) is not None


@given(CHAINS, ENTRIES)
def test_a_chain_written_anew_is_found_against_the_head(links, other):
    rewritten = chained([other, *(found.entry for found in links[1:])])

    head = links[-1].hash

    assert broken(rewritten) is None
    assert (broken(rewritten, head=head) is None) == (other == links[0].entry)


def test_links_of_two_chains_are_not_one():
    ours = chained([an_entry("a")])
    theirs = link("release/other/1", 2, an_entry("b"), ours[0].hash)

    assert broken([*ours, theirs]) == (
        "position 2 is of the chain release/other/1, not of release/shop/abc"
    )


def test_nothing_is_a_chain_unless_a_head_is_known():
    assert broken([]) is None
    assert broken([], head=digest_of("something")) is not None


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValidationError):
        an_entry("a", at=datetime(2026, 3, 1))  # noqa: DTZ001 - the mistake itself


def test_the_hash_of_an_entry_is_the_same_in_every_release_of_lockgate():
    """Whoever changes this number breaks every chain that was ever written."""
    (only,) = chained([an_entry("approve/ana", actor="ana")])

    assert only.hash == "sha256:868bf9227b962b9f56eb260d0cab7b335f921fdd6965678f4a7108bdf7d38407"


def an_entry(key, **fields):
    shown = {"at": datetime(2026, 3, 1, tzinfo=UTC), "action": "a", "sentence": "s"}
    return Entry(key=key, outcome="done", **{**shown, **fields})
