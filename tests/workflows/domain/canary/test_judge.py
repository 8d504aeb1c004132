import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.judging.simulation import METRICS, simulated, simulated_config
from workflows.domain.canary.config import Criticality, MetricConfig, scaled
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.judge import begin, judge, look
from workflows.domain.canary.verdict import MetricStatus, Word
from workflows.domain.canary.windows import ArmWindow, JudgeWindow

ERRORS, LATENCY, CONVERSION = METRICS
QUEUE = MetricConfig(name="queue", type="gauge", field="queue", tolerance=0.05, margin=0.25)
CRASHES = MetricConfig(name="crashes", type="count", numerator="crashes", direction="both")


@pytest.mark.parametrize(
    ("worse", "metric", "within"),
    [
        ({"worse_errors": 5}, "errors", 480),
        ({"worse_errors": 2}, "errors", 1500),
        ({"slower": 1.5}, "latency", 480),
        ({"slower": 1.25}, "latency", 900),
        ({"fewer_conversions": 0.6}, "conversion", 1800),
    ],
)
def test_harm_is_found_in_time_and_named(worse, metric, within):
    verdict, at = first_failure(simulated_config(), simulated(1, rps=60, **worse))

    assert verdict.deciding == metric
    assert at <= within
    assert verdict.reason.startswith(f"{metric} ")
    assert next(m for m in verdict.metrics if m.name == metric).status is MetricStatus.HARMFUL


def test_harm_that_begins_late_is_found():
    _, at = first_failure(simulated_config(), simulated(2, rps=60, worse_errors=4, onset=1800))

    assert 1800 < at <= 2400


def test_equal_versions_are_left_in_peace_at_every_look():
    """Forty stages of sixty looks each."""
    fell = [seed for seed in range(40) if first_failure(simulated_config(), simulated(seed))]

    assert len(fell) <= 1


def test_a_canary_at_the_tolerance_is_seldom_rolled_back():
    fell = [
        seed
        for seed in range(30)
        if first_failure(
            simulated_config(),
            simulated(seed, rps=300, worse_errors=1.1, slower=1.05, fewer_conversions=0.99),
        )
    ]

    assert len(fell) <= 3


def test_a_shared_incident_is_nobodys_fault():
    """A dependency fails for ten minutes: a fifth of all requests, on either side."""
    calm, bad = list(simulated(3, rps=60)), list(simulated(3, rps=60, errors=0.2))

    assert first_failure(simulated_config(), [*calm[:20], *bad[20:30], *calm[30:]]) is None


def test_a_blip_of_three_minutes_is_forgiven():
    calm, bad = list(simulated(4, rps=60)), list(simulated(4, rps=60, worse_errors=20))

    assert first_failure(simulated_config(), [*calm[:20], *bad[20:23], *calm[23:]]) is None


def test_a_start_up_is_forgiven():
    """Five minutes, from five times the errors to none too many."""
    worse = [list(simulated(5, rps=60, worse_errors=factor)) for factor in (5, 4, 3, 2, 1.3)]
    calm = list(simulated(5, rps=60))

    assert (
        first_failure(simulated_config(), [*(w[i] for i, w in enumerate(worse)), *calm[5:]])
        is None
    )


def test_a_gap_alone_never_rolls_back():
    windows = [
        w.model_copy(update={"canary": None}) if 10 <= index < 50 else w
        for index, w in enumerate(simulated(6, rps=60))
    ]

    verdict = judge(simulated_config(), windows)

    assert first_failure(simulated_config(), windows) is None
    assert verdict.word is Word.NO_DATA


def test_a_canary_that_fails_a_third_of_all_is_out_after_two_windows():
    """Before any statistic is trusted, and before the burn-in is over."""
    verdict, at = first_failure(simulated_config(), simulated(7, rps=10, worse_errors=40))

    assert at == 120
    assert "windows in a row" in verdict.reason


def test_a_rollback_once_said_stands():
    config = simulated_config()
    evidence = begin(config)
    words = []
    for window in [*simulated(8, rps=60, worse_errors=5, windows=15), *list(simulated(8))[15:40]]:
        evidence, verdict = look(config, evidence, window)
        words.append(verdict.word)

    assert set(words[words.index(Word.FAIL) :]) == {Word.FAIL}


def test_a_window_that_comes_again_changes_nothing():
    config = simulated_config()
    windows = list(simulated(9, windows=20))

    assert judge(config, [*windows, windows[-1], windows[3]]) == judge(config, windows)


def test_evidence_is_carried_from_stage_to_stage():
    """Ten percent for a quarter of an hour decide nothing, but they are not forgotten."""
    first = simulated_config(horizon=900, metrics=(ERRORS,))
    second = simulated_config(stage_begins=900.0, horizon=1500, metrics=(ERRORS,))
    carried, alone = [], []
    for seed in range(12):
        early = list(simulated(seed, rps=8, split=0.1, worse_errors=2.5, windows=15))
        late = list(simulated(seed, rps=8, split=0.5, worse_errors=2.5, windows=40))[15:]
        evidence, word = begin(first), Word.INCONCLUSIVE
        for window in early:
            evidence, verdict = look(first, evidence, window)
            word = verdict.word
        if word is Word.FAIL:
            continue
        carried.append(failed_at(second, evidence, late))
        alone.append(failed_at(second, begin(second), late))

    assert len(carried) >= 6
    assert sum(carried) < sum(alone) - 60 * len(carried)


def test_coverage_and_deadline_count_from_the_stage_s_start():
    config = simulated_config(horizon=600, metrics=(ERRORS,))
    evidence = begin(config)
    windows = list(simulated(11, rps=300, windows=20))
    for window in windows[:10]:
        evidence, verdict = look(config, evidence, window)
    assert verdict.word is Word.PASS

    later = config.model_copy(update={"stage_begins": 600.0})
    evidence, verdict = look(later, evidence, windows[10])

    assert verdict.word is Word.NO_DATA
    assert not verdict.at_deadline


def test_a_gauge_and_a_count_are_judged_too():
    config = simulated_config(metrics=(QUEUE, CRASHES), split=0.5)

    assert first_failure(config, gauged(rise=1.0, crashes=20)) is None
    risen, _ = first_failure(config, gauged(rise=1.4, crashes=20))
    fewer, _ = first_failure(config, gauged(rise=1.0, crashes=5))

    assert (risen.deciding, fewer.deciding) == ("queue", "crashes")


@pytest.mark.parametrize("criticality", list(Criticality))
def test_no_data_never_passes(criticality):
    config = simulated_config(criticality=criticality, early_promotion=True)
    silent = [JudgeWindow(at=60.0 * (index + 1)) for index in range(60)]
    idle = [w.model_copy(update={"canary": ArmWindow(values={"requests": 0})}) for w in silent]

    assert {judge(config, windows).word for windows in (silent, idle)} == {Word.NO_DATA}


def test_a_demonstration_of_a_minute_finds_harm():
    config = scaled(simulated_config(interval=1, horizon=60), 1 / 60)
    windows = simulated(12, interval=1, windows=60, rps=100, errors=0.01, worse_errors=5)

    _, at = first_failure(config, windows)

    assert at <= 20


rare = st.integers(0, 5)
some = st.integers(0, 400)
arms = st.none() | st.builds(
    lambda requests, errors, buckets: ArmWindow(
        values={
            "requests": requests,
            "errors": min(errors, requests),
            "sessions": requests,
            "conversions": min(errors, requests),
            "queue": errors,
        },
        histograms={"latency": (*buckets, *(0,) * 8)},
    ),
    some,
    rare | some,
    st.tuples(*[rare | some] * 6),
)


@settings(max_examples=40, deadline=None)
@given(both=st.lists(st.tuples(arms, arms), max_size=25), every=st.sampled_from([15.0, 60.0]))
def test_looking_each_time_says_what_looking_once_says(both, every):
    """Whatever comes, and whatever of it went through a heartbeat."""
    config = simulated_config(interval=every, metrics=(*METRICS, QUEUE, CRASHES))
    evidence, windows = begin(config), []
    verdict = judge(config, [])
    for index, (canary, baseline) in enumerate(both):
        windows.append(JudgeWindow(at=every * (index + 1), canary=canary, baseline=baseline))
        evidence = Evidence.model_validate_json(evidence.model_dump_json())
        evidence, verdict = look(config, evidence, windows[-1])

    assert judge(config, windows) == verdict


def first_failure(config, windows):
    evidence = begin(config)
    for window in windows:
        evidence, verdict = look(config, evidence, window)
        if verdict.word is Word.FAIL:
            return verdict, window.at
    return None


def failed_at(config, evidence, windows):
    for window in windows:
        evidence, verdict = look(config, evidence, window)
        if verdict.word is Word.FAIL:
            break
    return window.at


def gauged(*, rise, crashes):
    for index in range(40):
        swing = 1 + 0.1 * (index % 3)
        yield JudgeWindow(
            at=60.0 * (index + 1),
            canary=ArmWindow(
                values={"queue": 4 * rise * (1 + 0.05 * (index % 2)), "crashes": crashes}
            ),
            baseline=ArmWindow(values={"queue": 4 * swing, "crashes": 20}),
        )
