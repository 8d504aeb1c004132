"""Which evidence a ruling looks at, and how old it is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.attesting import BUILD
from workflows.domain.attestations.attestation import Attestation, kept, made_at
from workflows.domain.attestations.figures import (
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import digest_of

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def evidence(number, *, keys=(), suite="", flaw=""):
    return Attestation(
        artifact=BUILD,
        type=EvidenceType.TEST_RESULT,
        digest=digest_of(str(number)),
        at=NOON + number * HOUR,
        size=1,
        added_by="ci",
        keys=keys,
        figures=SuiteFigures(result="PASSED", passed=1, failed=0, suite=suite),
        flaw=flaw,
    )


def test_evidence_is_as_old_as_it_says_but_never_younger_than_its_receipt():
    assert made_at(None, received_at=NOON) == NOON
    assert made_at(NOON - HOUR, received_at=NOON) == NOON - HOUR
    assert made_at(NOON + HOUR, received_at=NOON) == NOON


def test_the_newest_of_each_suite_are_kept():
    found = [evidence(n, suite=suite) for n in range(5) for suite in ("unit", "contract")]

    chosen = kept(found, of_each=2)

    assert {(each.at, each.figures.suite) for each in chosen} == {
        (NOON + n * HOUR, suite) for n in (3, 4) for suite in ("unit", "contract")
    }


def test_nobody_pushes_signed_evidence_out_by_adding_files():
    signed = evidence(0, keys=("sha256:a",))
    flood = [evidence(n) for n in range(1, 50)] + [evidence(60, flaw="no receipt")]

    chosen = kept([*flood, signed])

    assert chosen[0] == signed
    assert {each.digest for each in chosen} == {
        signed.digest,
        digest_of("49"),
        digest_of("60"),
    }


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from([(), ("sha256:a",), ("sha256:b",), ("sha256:a", "sha256:b")]),
            st.sampled_from(["", "unit"]),
            st.sampled_from(["", "forged"]),
        )
    ),
    st.sampled_from([None, "sha256:a", "sha256:b"]),
)
def test_what_is_left_out_is_nothing_that_a_ruling_could_go_by(found, signer):
    """The newest that a signer vouches for, of each suite, is among those that are kept."""
    offered = [
        evidence(number, keys=keys, suite=suite, flaw=flaw) for number, keys, suite, flaw in found
    ]

    def newest(among, suite):
        vouched = [
            each
            for each in among
            if not each.flaw
            and each.figures.suite == suite
            and (signer is None or signer in each.keys)
        ]
        return max((each.at for each in vouched), default=None)

    chosen = kept(offered)
    assert all(newest(chosen, suite) == newest(offered, suite) for suite in ("", "unit"))
