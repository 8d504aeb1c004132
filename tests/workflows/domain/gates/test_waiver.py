from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import build_of
from workflows.domain.gates.gates import WaiverGuard, WaiverRule
from workflows.domain.gates.waiver import (
    GivenWaiver,
    Waiver,
    WaiverRefused,
    check_waiver,
    counting,
    stands_until,
)
from workflows.domain.people.identity import Assurance, Proven

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLAN = build_of("checkout", "v2")
OPEN = WaiverGuard()
RULE = WaiverRule(
    approvers=2,
    people={"ana": ("sre",), "ben": ("sre",), "carl": ("sre",), "eve": ("security",)},
    at_most=4 * HOUR,
)


def a_waiver(by="ana", **changes):
    fields = {"gate": "tests", "digest": PLAN, "reason": "flaky suite", "lasts": HOUR}
    return Waiver(by=by, **fields | changes)


def given_by(by, *, at=NOON, lacking="no test-result", lasts=HOUR):
    return GivenWaiver(waiver=a_waiver(by, lasts=lasts), at=at, lacking=lacking)


def until(*waivers, now=NOON, lacking="no test-result"):
    return stands_until(waivers, RULE, lacking=lacking, now=now)


def test_a_waiver_that_is_in_order_counts():
    check_waiver(RULE, a_waiver(), guard=OPEN, digest=PLAN, requested_by="carl")


@pytest.mark.parametrize(
    ("waiver", "why"),
    [
        (a_waiver(digest=build_of("checkout", "v1")), "look at what has changed"),
        (a_waiver(reason="  "), "needs a reason"),
        (a_waiver("Carl "), "asked for this release and cannot waive"),
        (a_waiver("dora"), "dora may not waive tests; who may: ana, ben, carl, eve"),
        (a_waiver(lasts=5 * HOUR), "lasts at most 4:00:00"),
        (a_waiver(lasts=timedelta(0)), "more than nothing"),
    ],
)
def test_a_waiver_that_cannot_count_is_refused_with_its_reason(waiver, why):
    with pytest.raises(WaiverRefused, match=why):
        check_waiver(RULE, waiver, guard=OPEN, digest=PLAN, requested_by="carl")


def test_a_gate_that_names_nobody_cannot_be_waived():
    with pytest.raises(WaiverRefused, match="its policy names nobody"):
        check_waiver(None, a_waiver(), guard=OPEN, digest=PLAN, requested_by="carl")
    assert stands_until([given_by("ana"), given_by("ben")], None, lacking="", now=NOON) is None


def proven(person="ana", roles=None):
    return Proven(
        person=person,
        account=f"oidc:{person}@local",
        roles=roles,
        statement=PLAN,
        proof=PLAN,
        proven_at=NOON,
    )


class TestIdentity:
    """Whoever waives is held to the same as whoever votes."""

    def check(self, waiver, **guard):
        guarded = WaiverGuard(**{"identity": Assurance.PROVEN, **guard})
        check_waiver(RULE, waiver, guard=guarded, digest=PLAN, requested_by="carl")

    def test_a_proven_waiver_counts_as_that_of_whom_its_token_proves(self):
        waiver = a_waiver("").proven_by(proven())

        self.check(waiver)
        assert (waiver.by, waiver.assurance, waiver.proof) == ("ana", "proven", None)

    def test_a_name_that_is_only_asserted_does_not(self):
        with pytest.raises(WaiverRefused, match="asks for a proven identity"):
            self.check(a_waiver())

    def test_a_sender_cannot_claim_to_have_proven_anything(self):
        claimed = a_waiver(proven=proven(), assurance="proven", proof="token").asserted()

        assert (claimed.proven, claimed.assurance, claimed.proof) == (None, "asserted", None)

    def test_a_token_of_somebody_else_does_not_count(self):
        with pytest.raises(WaiverRefused, match="the waiver is ben's"):
            a_waiver("ben").proven_by(proven("ana"))

    def test_a_role_that_the_issuer_does_not_confirm_is_none(self):
        with pytest.raises(WaiverRefused, match="ana may not waive"):
            self.check(a_waiver("ana").proven_by(proven("ana", roles=("product",))))

    def test_whoever_wrote_the_release_cannot_waive_its_gates(self):
        with pytest.raises(WaiverRefused, match="ana wrote 3 commits and cannot waive"):
            self.check(a_waiver().proven_by(proven()), barred={"ana": "wrote 3 commits"})

    def test_a_statement_is_of_one_gate_and_one_time(self):
        said = a_waiver().statement(release="release/shop/1", run="r1", environment="production")

        assert (said.gate, said.decision, said.reason) == (
            "production/tests",
            "waive",
            "flaky suite",
        )
        longer = a_waiver(lasts=2 * HOUR)
        assert longer.statement(release="release/shop/1", run="r1", environment="production") != (
            said
        )


def test_one_person_is_not_enough_however_often_they_say_it():
    assert until(given_by("ana")) is None
    assert until(given_by("ana"), given_by("ana", lasts=2 * HOUR)) is None


def test_two_people_waive_until_the_first_of_their_waivers_ends():
    waivers = (given_by("ana", lasts=2 * HOUR), given_by("ben"))

    assert until(*waivers) == NOON + HOUR
    assert until(*waivers, now=NOON + HOUR) is None


def test_whoever_is_one_more_than_needed_is_not_missed():
    waivers = (given_by("ana"), given_by("ben", lasts=2 * HOUR), given_by("eve", lasts=3 * HOUR))

    assert until(*waivers) == NOON + 2 * HOUR


def test_a_waiver_is_for_what_the_gate_lacked_and_for_nothing_worse():
    """Who let missing tests pass has said nothing of tests that fail."""
    waivers = (given_by("ana"), given_by("ben"))

    assert until(*waivers, lacking="3 tests failed") is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["ana", "ben", "eve"]), st.integers(0, 5), st.integers(1, 5))
    ),
    st.integers(0, 10),
)
def test_a_gate_is_waived_exactly_while_enough_people_say_so(words, hours):
    now = NOON + hours * HOUR
    waivers = [given_by(by, at=NOON + at * HOUR, lasts=lasts * HOUR) for by, at, lasts in words]

    standing = stands_until(waivers, RULE, lacking="no test-result", now=now)

    people = {one.waiver.by for one in counting(waivers, lacking="no test-result", now=now)}
    assert (standing is not None) == (len(people) >= RULE.approvers)
    assert standing is None or standing > now
