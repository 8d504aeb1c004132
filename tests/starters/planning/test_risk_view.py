from starters.planning.risk_view import as_json, reliability_rows, told
from tests.workflows.domain.risk.worlds import NOT_CALIBRATED, factors, hot, on_call
from workflows.domain.admission.change import ChangeClass, ClassRuling
from workflows.domain.risk.calibration import Bin, Calibration, Sigmoid
from workflows.domain.risk.factors import Migration
from workflows.domain.risk.facts import LineCoverage, Unknown
from workflows.domain.risk.score import score
from workflows.domain.spec import RiskModelSpec
from workflows.domain.values import digest_of

RULING = ClassRuling(
    change_class=ChangeClass.NORMAL,
    claimed="auto",
    reasons=("2 of 5 clean runs of its pattern at low risk",),
    pattern=digest_of("pattern"),
    rows=(ChangeClass.NORMAL,),
)
MODEL = RiskModelSpec()
PROVEN = Calibration(
    outcomes=214,
    failures=19,
    holds=True,
    why="Brier 0.061, by the rate of failure alone 0.082",
    sigmoid=Sigmoid(slope=6, intercept=-4.5),
)


def scored(calibration=NOT_CALIBRATED, **changed):
    known = factors(
        churn=(hot("ledger/posting.py", commits=20, authors=5, incidents=3),),
        coverage=LineCoverage(lines=50, covered=47),
        on_call=(on_call(today=1, before=2, nights=2),),
        migration=Migration(kind="contract", because="ledger says so"),
        **changed,
    )
    return score(known, MODEL, calibration)


def test_it_is_told_in_lines_that_add_up():
    assert list(told("payments-2026.11.2", RULING, scored())) == [
        "payments-2026.11.2  class normal (auto)  risk medium 43/100",
        (
            "  why: base 10  +13 churn in posting.py (3 incidents/90d)  "
            "-5 changed-line coverage 94%  "
            "+10 on-call of ledger: woken 2 of 3 nights; 3 pages in 72h  "
            "+15 contract migration (ledger says so)"
        ),
        "  class: 2 of 5 clean runs of its pattern at low risk",
        ("  gates: the matrix sees risk unassessed, not calibrated: 0 of 50 outcomes known"),
        f"  pattern {RULING.pattern[7:19]}  model {scored().model[7:19]}",
    ]


def test_what_nobody_knows_is_named_and_what_is_calibrated_says_how_likely():
    unknown = (Unknown(what="on-call of cards", why="its Service names no onCall"),)
    lines = list(told("x", RULING, scored(PROVEN, unknown=unknown)))

    assert "  unknown: on-call of cards: its Service names no onCall" in lines
    assert (
        "  gates: the matrix sees risk medium; 13% of such fail; "
        "Brier 0.061, by the rate of failure alone 0.082"
    ) in lines


def test_a_claim_is_named():
    claimed = RULING.model_copy(update={"claimed": "standard"})

    assert next(told("x", claimed, scored())).startswith("x  class normal (claimed standard)")


def test_programs_are_told_each_point_with_its_reason():
    found = as_json(RULING, scored(PROVEN))

    assert found["class"] == "normal"
    assert found["risk"]["gatingLevel"] == "medium"
    assert found["risk"]["points"][1] == {
        "factor": "churn",
        "points": 13,
        "because": "churn in posting.py (3 incidents/90d)",
        "known": True,
    }
    assert found["risk"]["calibration"]["outcomes"] == 214


def test_the_table_says_how_far_off_it_was():
    one = Bin(low=90, high=101, outcomes=8, said=0.5, came=0.625)

    assert reliability_rows((one,)) == [("90-100", "8", "50.0%", "62.5%", "+12.5%")]
