from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.domain.risk.worlds import (
    NOT_CALIBRATED,
    TUESDAY_NOON,
    factors,
    hot,
    on_call,
)
from workflows.domain.risk.calibration import Sigmoid, brier
from workflows.domain.risk.factors import Factors, Migration
from workflows.domain.risk.facts import LineCoverage, Unknown
from workflows.domain.risk.score import (
    GatingLevel,
    RiskLevel,
    level_of,
    model_digest,
    points_of,
    score,
    total_of,
)
from workflows.domain.spec.risk import RiskModelSpec

MODEL = RiskModelSpec()
CALM = factors()
KINDS = ("none", "expand", "backfill", "contract")


def scored(**changed):
    return score(factors(**changed), MODEL, NOT_CALIBRATED)


def point(factor, **changed):
    (found,) = (p for p in points_of(factors(**changed), MODEL) if p.factor == factor)
    return found


def test_a_calm_change_is_the_base_less_what_its_tests_earn():
    assert scored().total == 10 - 6
    assert scored().level is RiskLevel.LOW


def test_the_points_add_up_to_the_total_and_say_why():
    found = scored(
        churn=(hot(commits=20, authors=5, incidents=3), hot("ledger/api.py", commits=2)),
        coverage=LineCoverage(lines=50, covered=47),
        on_call=(on_call(today=1, before=2, nights=2),),
        migration=Migration(kind="contract", because="ledger says so"),
    )

    assert found.why == (
        "base 10  +13 churn in posting.py and 1 more (3 incidents/90d)  "
        "-5 changed-line coverage 94%  "
        "+10 on-call of ledger: woken 2 of 3 nights; 3 pages in 72h  "
        "+15 contract migration (ledger says so)"
    )
    assert found.total == sum(p.points for p in found.points) == 43
    assert found.level is RiskLevel.MEDIUM


def test_a_model_that_cannot_lose_points_does_not_fall_below_nothing():
    model = RiskModelSpec.model_validate({"base": 0})

    assert total_of(CALM, model) == 0


@pytest.mark.parametrize(
    ("factor", "what"),
    [
        ("churn", {"churn": None}),
        ("coverage", {"coverage": None}),
        ("on-call", {"on_call": None}),
        ("on-call", {"on_call": ()}),
        ("releases at the same time", {"concurrent": None}),
    ],
)
def test_what_nobody_knows_counts_as_the_worst_and_is_named(factor, what):
    unknown = (Unknown(what=f"{factor} of ledger", why="nobody was asked"),)
    found = point(factor, **what, unknown=unknown)

    assert not found.known
    assert found.because == f"unknown {factor} of ledger: nobody was asked"
    assert found.points == max(
        model_worst for name, model_worst in WORST.items() if name == factor
    )


WORST = {
    "churn": MODEL.churn.cap,
    "coverage": MODEL.coverage.none,
    "on-call": MODEL.fatigue.cap,
    "releases at the same time": MODEL.concurrent.cap,
}

HOT = st.lists(
    st.builds(
        hot,
        st.sampled_from(["a.py", "b.py"]),
        commits=st.integers(0, 200),
        authors=st.integers(1, 20),
        incidents=st.integers(0, 5),
    ),
    max_size=3,
).map(tuple)
COVERAGE = st.integers(0, 50).flatmap(
    lambda lines: st.builds(LineCoverage, lines=st.just(lines), covered=st.integers(0, lines))
)
ON_CALL = st.lists(
    st.builds(
        on_call,
        today=st.integers(0, 20),
        before=st.integers(0, 20),
        nights=st.integers(0, 3),
        hours=st.none() | st.floats(0, 200),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
MOMENTS = st.integers(0, 167).map(lambda h: TUESDAY_NOON + timedelta(hours=h))
FACTORS = st.builds(
    Factors,
    churn=HOT,
    coverage=COVERAGE,
    on_call=ON_CALL,
    dependants=st.lists(st.sampled_from("abcdef"), unique=True).map(tuple),
    migration=st.builds(Migration, kind=st.sampled_from(KINDS)),
    concurrent=st.lists(st.sampled_from("xyz"), unique=True).map(tuple),
    at=MOMENTS,
)


@given(FACTORS, st.sampled_from(["churn", "coverage", "on_call", "concurrent"]))
def test_a_fact_that_is_withheld_never_lowers_the_score(known, withheld):
    hidden = known.model_copy(update={withheld: None})

    assert total_of(hidden, MODEL) >= total_of(known, MODEL)


@given(FACTORS)
def test_a_score_is_0_to_100_and_its_points_are_whole(known):
    found = score(known, MODEL, NOT_CALIBRATED)

    assert 0 <= found.total <= 100
    assert found.total == min(100, max(0, sum(p.points for p in found.points)))


def more_of(known, factor, amount):
    """*known*, with more of one thing that is feared."""
    worse = {
        "commits": lambda: {"churn": (*known.churn, hot("c.py", commits=amount))},
        "incidents": lambda: {"churn": (*known.churn, hot("c.py", incidents=amount))},
        "authors": lambda: {"churn": (*known.churn, hot("c.py", authors=1 + amount))},
        "uncovered": lambda: {
            "coverage": LineCoverage(
                lines=known.coverage.lines + amount, covered=known.coverage.covered
            )
        },
        "pages": lambda: {"on_call": (*known.on_call, on_call(today=amount))},
        "nights": lambda: {"on_call": (*known.on_call, on_call(nights=min(3, amount)))},
        "dependants": lambda: {"dependants": (*known.dependants, *map(str, range(amount)))},
        "concurrent": lambda: {"concurrent": (*known.concurrent, *map(str, range(amount)))},
        "migration": lambda: {
            "migration": Migration(kind=KINDS[min(3, KINDS.index(known.migration.kind) + 1)])
        },
    }
    return known.model_copy(update=worse[factor]())


FEARED = (
    "commits", "incidents", "authors", "uncovered", "pages", "nights", "dependants", "concurrent",
    "migration",
)  # fmt: skip


@given(
    FACTORS.filter(lambda known: known.coverage.lines > 0),
    st.sampled_from(FEARED),
    st.integers(1, 9),
)
def test_more_of_what_is_feared_is_never_less_risk(known, factor, amount):
    assert total_of(more_of(known, factor, amount), MODEL) >= total_of(known, MODEL)


@pytest.mark.parametrize("factor", FEARED)
def test_each_thing_that_is_feared_counts(factor):
    assert total_of(more_of(CALM, factor, 9), MODEL) > total_of(CALM, MODEL)


def test_the_hour_of_the_week_counts_where_the_helpers_are():
    tokyo = RiskModelSpec.model_validate({"hour": {"timeZone": "Asia/Tokyo"}})

    assert point("hour").points == 0
    assert point("hour", at=TUESDAY_NOON + timedelta(hours=4)).points == 8
    assert point("hour", at=TUESDAY_NOON + timedelta(days=3)).because.startswith("Fri 12:00")
    assert point("hour", at=TUESDAY_NOON + timedelta(days=3)).points == 8
    assert total_of(CALM, tokyo) == total_of(CALM, MODEL) + 8  # 21:00 there


def test_a_shift_that_has_just_begun_counts_and_so_does_one_of_unknown_age():
    assert point("on-call", on_call=(on_call(hours=3.9),)).points == 3
    assert point("on-call", on_call=(on_call(hours=4),)).points == 0
    assert point("on-call", on_call=(on_call(hours=None),)).points == 3


def test_no_line_that_tests_could_run_neither_costs_nor_earns():
    assert point("coverage", coverage=LineCoverage(lines=0, covered=0)).points == 0


@pytest.mark.parametrize(
    ("total", "level"), [(0, "low"), (34, "low"), (35, "medium"), (59, "medium"), (60, "high")]
)
def test_levels_begin_where_the_model_says(total, level):
    assert level_of(total, MODEL) == level


def test_a_score_that_no_outcome_bears_out_may_not_gate():
    found = scored()

    assert found.gating_level is GatingLevel.UNASSESSED
    assert str(found) == "low 4/100, not calibrated: 0 of 50 outcomes known"


def test_a_score_that_outcomes_bear_out_may():
    held = NOT_CALIBRATED.model_copy(update={"holds": True})

    assert score(CALM, MODEL, held).gating_level is GatingLevel.LOW


def test_what_comes_and_goes_with_the_hour_is_not_what_was_approved():
    at_night = scored(at=datetime(2026, 11, 10, 3, tzinfo=UTC), on_call=(on_call(today=4),))

    assert at_night.total != scored().total
    assert at_night.material == scored().material
    assert scored(churn=(hot(incidents=1),)).material != scored().material


def test_the_level_that_gates_is_approved_even_where_the_hour_moves_it():
    """And where it gates nothing, it voids nothing."""
    held = NOT_CALIBRATED.model_copy(update={"holds": True})
    warm = factors(churn=(hot(incidents=5),), migration=Migration(kind="contract"))
    at_night = warm.model_copy(update={"at": datetime(2026, 11, 10, 3, tzinfo=UTC)})

    assert score(at_night, MODEL, held).material != score(warm, MODEL, held).material
    not_held = score(at_night, MODEL, NOT_CALIBRATED).material
    assert not_held == score(warm, MODEL, NOT_CALIBRATED).material


def test_another_weight_is_another_model():
    other = RiskModelSpec.model_validate({"base": 11})

    assert model_digest(other) != model_digest(MODEL)
    assert model_digest(RiskModelSpec()) == model_digest(MODEL)


TRUTH = Sigmoid(slope=9, intercept=-5)


def population(size=1500):
    """Releases of all kinds, each failing as likely as its score says."""
    draw = Random(11)

    def one():
        pages = draw.choice((0, 0, 2, 12))
        covered = draw.randint(0, 40)
        return factors(
            churn=(hot(commits=draw.randint(0, 90), incidents=draw.choice((0, 0, 2, 5))),),
            coverage=LineCoverage(lines=40, covered=covered),
            on_call=(on_call(today=pages, nights=min(3, pages // 4)),),
            dependants=tuple(map(str, range(draw.choice((0, 3, 10))))),
            migration=Migration(kind=draw.choice(KINDS)),
            concurrent=tuple(map(str, range(draw.choice((0, 0, 1, 3))))),
            at=TUESDAY_NOON + timedelta(hours=draw.randint(0, 167)),
        )

    ended = [one() for _ in range(size)]
    return ended, [draw.random() < TRUTH(total_of(each, MODEL)) for each in ended]


@pytest.mark.parametrize(
    "factor",
    ["churn", "coverage", "on_call", "dependants", "migration", "concurrent", "at"],
)
def test_each_factor_matters(factor):
    """Deal one factor out anew among the releases: what the score foretells is then worse."""
    ended, failed = population()
    column = [getattr(each, factor) for each in ended]
    Random(5).shuffle(column)
    dealt = [
        each.model_copy(update={factor: new}) for each, new in zip(ended, column, strict=True)
    ]

    def foretold(releases):
        said = (TRUTH(total_of(each, MODEL)) for each in releases)
        return brier(zip(said, failed, strict=True))

    assert foretold(dealt) > foretold(ended)
