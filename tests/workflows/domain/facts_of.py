"""Facts of who did what for a release."""

from datetime import UTC, datetime

from tests.builders import build_of
from workflows.domain.admission.facts import Facts
from workflows.domain.attestations.attestation import Attestation
from workflows.domain.attestations.figures import ProvenanceFigures
from workflows.domain.people.identity import Proven
from workflows.domain.risk.facts import Author, SourceChange

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def facts_of(trigger=None, **more):
    """What was read, with the token of *trigger* if somebody proved to have asked."""
    proven = None
    if trigger is not None:
        proven = Proven(
            person=trigger,
            account=f"oidc:{trigger}@local",
            statement=build_of("statement", "1"),
            proof=build_of("proof", "1"),
            proven_at=NOW,
        )
    return Facts(at=NOW, trigger=proven, **more)


def a_change(email):
    return SourceChange(
        service="checkout",
        repository="shop",
        base="a" * 40,
        head="b" * 40,
        commits=1,
        files=1,
        added=1,
        removed=0,
        authors=(Author(name="somebody", email=email),),
        classes=(),
    )


def a_provenance(builder):
    return Attestation(
        artifact=build_of("checkout", "v2"),
        type="slsa-provenance",
        digest=build_of("provenance", "1"),
        at=NOW,
        size=1,
        added_by="ci",
        figures=ProvenanceFigures(
            builder_id=builder, build_type="make", parameters={}, sources=()
        ),
    )
