"""Which records show that a control was carried out, and where none does."""

import pytest

from tests.packs import SHOP, Packing, entry
from workflows.domain.audit_log.controls import Control, ControlSet, Sought, map_controls
from workflows.domain.audit_log.pack import ChainPart

OTHER = "release/other/def"


def a_set(*sought):
    control = Control(
        id="c", reference="r", title="t", asks="a", evidence=sought, beyond="the rest"
    )
    return ControlSet(framework="f", title="t", note="n", controls=(control,))


@pytest.fixture
def parts():
    packing = Packing()
    packing.append(
        SHOP,
        entry("1", action="gate", outcome="approved"),
        entry("2", action="vote", outcome="approves", actor="ana"),
        entry("3", action="vote", outcome="refused", actor="eve"),
    )
    packing.append(OTHER, entry("1", action="gate", outcome="rejected"))
    packing.append("runbooks", entry("1", action="review", actor="ben"))
    size = packing.seal().size
    return [packing.part(chain, size) for chain in (SHOP, OTHER, "runbooks")]


def found(parts, **sought):
    ((finding),) = map_controls(a_set(Sought(shows="it", **sought)), parts)
    (shown,) = finding.shown
    places = [(place.chain, place.position) for place in shown.places]
    assert finding.gaps == shown.gaps
    return places, shown.gaps


def test_records_are_found_by_action_and_outcome(parts):
    assert found(parts, actions=("vote",), outcomes=("approves",)) == ([(SHOP, 2)], ())
    assert found(parts, actions=("v*", "gate"))[0] == [(SHOP, 1), (SHOP, 2), (SHOP, 3), (OTHER, 1)]


def test_only_what_a_person_did_counts_where_that_is_asked(parts):
    assert found(parts, actions=("*",), by_person=True)[0] == [(SHOP, 2), (SHOP, 3)]


def test_a_release_without_a_record_of_what_always_happens_is_a_gap(parts):
    places, gaps = found(parts, actions=("vote",), always=True)

    assert places == [(SHOP, 2), (SHOP, 3)]
    assert gaps == (f"{OTHER}: no record of this: it",)


def test_what_happens_only_when_needed_is_no_gap(parts):
    assert found(parts, actions=("turn_back",)) == ([], ())


def test_chains_of_no_release_are_looked_through_where_that_is_asked(parts):
    assert found(parts, where="elsewhere", actions=("review",), always=True) == (
        [("runbooks", 1)],
        (),
    )
    assert found(parts, where="elsewhere", actions=("other",), always=True)[1] == (
        "no record of this in any chain that was exported: it",
    )


def test_the_log_is_whole_where_every_record_is_under_a_checkpoint(parts):
    assert found(parts, where="log") == ([(SHOP, 3), (OTHER, 1), ("runbooks", 1)], ())

    late = ChainPart(chain=SHOP, links=parts[0].links, proofs=parts[0].proofs[:1])
    assert found([late], where="log") == ([], (f"{SHOP}: records under no checkpoint",))


def test_a_pattern_means_letters_as_they_are():
    assert not Sought(shows="it", actions=("Vote",)).matches(next(iter(map_link(action="vote"))))


def map_link(**fields):
    packing = Packing()
    packing.append(SHOP, entry("1", **fields))
    return packing.audit.links[SHOP]
