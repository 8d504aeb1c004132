"""What a release is, and how much it risks: the ruling that facts and documents lead to."""

from workflows.domain.admission.change import ClassRuling, classify
from workflows.domain.admission.facts import Facts
from workflows.domain.risk.calibration import calibrated
from workflows.domain.risk.factors import Factors, factors_of
from workflows.domain.risk.pattern import Pattern, pattern_of
from workflows.domain.risk.score import RiskScore, score
from workflows.domain.spec import Catalog, ReleaseSpec
from workflows.domain.values import Value


class Assessment(Value):
    """A release by its facts: the pattern it is of, its factors, its score and its class."""

    pattern: Pattern
    factors: Factors
    risk: RiskScore
    change_class: ClassRuling


def assess(release: ReleaseSpec, catalog: Catalog, facts: Facts) -> Assessment:
    """Score and classify *release*; the same facts and documents always give the same answer."""
    model = catalog.risk_model
    pattern = pattern_of(release, catalog, facts.change)
    factors = factors_of(release, catalog, facts)
    tally = facts.standing.tally if facts.standing else ()
    risk = score(factors, model, calibrated(tally, model.calibration))
    ruling = classify(release, facts, pattern=pattern, risk=risk, model=model)
    return Assessment(pattern=pattern, factors=factors, risk=risk, change_class=ruling)
