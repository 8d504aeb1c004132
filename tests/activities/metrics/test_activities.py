"""What MetricsActivities make of a source: traffic, plans, watches, recoveries."""

from datetime import timedelta

import pytest

from activities.metrics import SOURCES
from tests.activities.metrics.scripted import (
    BEGAN,
    MINUTE,
    OLD,
    SOURCE,
    TARGET,
    ScriptedPace,
    ScriptedSource,
    activities,
    the_ask,
)
from workflows.domain.canary.evidence import Evidence
from workflows.domain.canary.measures import ERRORS, REQUESTS
from workflows.domain.canary.recovery import RecoveryRule, RecoveryWord
from workflows.domain.canary.traffic import Traffic
from workflows.domain.canary.verdict import Word
from workflows.domain.canary.watch import Carried
from workflows.domain.errors import HandedOver, NotRecovered, TargetMissing
from workflows.domain.values import Provider
from workflows.ports.metrics import MeasureTraffic, PlanStage, VerifyRecovery

FOREVER = [(BEGAN, BEGAN + 1e9)]


def a_source(adds=None, pace=None, **more):
    adds = {"requests": 10.0, "errors": 0.1} if adds is None else adds
    return ScriptedSource(pace or ScriptedPace(), canary=adds, baseline=adds, **more)


def measure(source=SOURCE, **changes):
    given = {"version": OLD, "measures": (REQUESTS, ERRORS), "over": timedelta(minutes=10)}
    return MeasureTraffic(target=TARGET, source=source, **{**given, **changes})


def verify(source=SOURCE, **rule):
    return VerifyRecovery(
        target=TARGET,
        source=source,
        version=OLD,
        rule=RecoveryRule(**{"ratio_before": 0.01, **rule}),
    )


def stopping():
    def stop(_now):
        raise HandedOver("this worker stops")

    return ScriptedPace(stop)


def test_a_source_that_remembers_tells_of_the_time_before_at_once():
    source = a_source(settles=15.0)

    traffic = activities(source).measure_traffic(measure())

    assert source.looks == [(BEGAN - 15 - 600, BEGAN - 15)]
    assert source.pace.waits == []
    assert traffic.rps == 10.0
    assert traffic.ratio("errors", "requests") == pytest.approx(0.01)


def test_one_that_does_not_is_looked_at_for_a_moment():
    source = a_source(remembers=False)

    traffic = activities(source).measure_traffic(measure())

    assert source.pace.waits == [10.0]
    assert (traffic.seconds, traffic.rps) == (10.0, 10.0)


@pytest.mark.parametrize("remembers", [True, False])
def test_traffic_of_a_source_that_is_down_is_unknown(remembers):
    source = a_source(down=FOREVER, remembers=remembers)

    traffic = activities(source).measure_traffic(measure())

    assert traffic == Traffic(known=False, reason="the source is down")


def test_traffic_of_a_version_without_a_sample_is_unknown_and_says_why():
    source = a_source()
    source.arms = {"baseline": None, "canary": None}
    source.warnings = ("nobody scrapes it",)

    traffic = activities(source).measure_traffic(measure())

    assert not traffic.known
    assert traffic.reason == "nobody scrapes it"


def test_a_plan_is_made_of_the_traffic_that_was_measured():
    few, many = (
        PlanStage(
            target=TARGET,
            percent=10,
            judge=the_ask().rules.judge,
            traffic=Traffic(seconds=60, values={"requests": r * 60.0, "errors": r * 0.6}),
            at_most=timedelta(hours=1),
        )
        for r in (0.3, 100)
    )
    planner = activities(a_source())

    assert planner.plan_stage(few).reason.startswith("cannot conclude within 60 min at 0.3 rps")
    assert planner.plan_stage(many).conclusive


def test_a_watch_answers_with_what_ended_it():
    end = activities(a_source()).watch_canary(the_ask())

    assert (end.verdict.word, end.watch) == (Word.PASS, 3)


def test_a_source_that_never_answers_is_an_answer_and_keeps_what_was_carried():
    """Never an exception: a provider that is down rolls nothing back by itself."""
    carried = Carried(canary_at=BEGAN, evidence=Evidence())
    source = a_source(down=FOREVER)

    end = activities(source).watch_canary(the_ask(carried=carried))

    assert (end.verdict.word, end.carried) == (Word.PROVIDER_ERROR, carried)
    assert end.verdict.reason == "the source is down"
    assert source.pace.at >= BEGAN + 30 * MINUTE


@pytest.mark.parametrize(
    "ask",
    [
        lambda them: them.watch_canary(the_ask()),
        lambda them: them.verify_recovery(verify()),
        lambda them: them.measure_traffic(measure()),
    ],
)
def test_a_worker_that_stops_hands_over_and_says_nothing_of_the_world(ask):
    with pytest.raises(HandedOver):
        ask(activities(a_source(pace=stopping(), remembers=False)))


def test_a_worker_that_stops_while_a_source_is_silent_hands_over_as_well():
    with pytest.raises(HandedOver):
        activities(a_source(pace=stopping(), down=FOREVER)).watch_canary(the_ask())


def test_a_version_that_serves_as_before_has_recovered():
    source = a_source()

    found = activities(source).verify_recovery(verify())

    assert found.word is RecoveryWord.RECOVERED
    assert source.pace.waits == [5.0]


def test_it_takes_as_many_looks_as_it_takes_to_see_enough():
    source = a_source({"requests": 2.0, "errors": 0.0})

    found = activities(source).verify_recovery(verify())

    assert found.word is RecoveryWord.RECOVERED
    assert found.requests == 50
    assert source.pace.at == BEGAN + 25


def test_a_version_that_fails_more_than_before_ends_as_not_recovered():
    source = a_source({"requests": 10.0, "errors": 5.0})

    with pytest.raises(NotRecovered, match=r"checkout@staging: .* above the 1\.00 %"):
        activities(source).verify_recovery(verify())

    assert source.pace.at == BEGAN + 300


def test_failures_that_are_over_are_not_held_against_it():
    """Each window is looked at by itself: the worst is past."""
    source = a_source({"requests": 10.0, "errors": 5.0})
    source.pace = ScriptedPace(
        lambda now: (
            source.arms.update(baseline={"requests": 10.0, "errors": 0.0})
            if now > BEGAN + 60
            else None
        )
    )

    assert activities(source).verify_recovery(verify()).word is RecoveryWord.RECOVERED


@pytest.mark.parametrize("later", [0.0, 0.1])
def test_a_version_that_was_seen_to_fail_has_not_recovered_because_its_users_leave(later):
    """What was proven is not forgotten until a window shows otherwise."""
    source = a_source({"requests": 10.0, "errors": 5.0})
    source.pace = ScriptedPace(
        lambda now: (
            source.arms.update(baseline={"requests": later, "errors": 0.0})
            if now > BEGAN + 30
            else None
        )
    )

    with pytest.raises(NotRecovered):
        activities(source).verify_recovery(verify())


def test_a_version_that_was_seen_to_fail_has_not_recovered_because_its_source_is_gone():
    source = a_source({"requests": 10.0, "errors": 5.0}, down=[(BEGAN + 31, BEGAN + 1e9)])

    with pytest.raises(NotRecovered):
        activities(source).verify_recovery(verify())


def test_slow_proof_of_failure_counts_to_the_end():
    """At one request a second the last window is never whole."""
    source = a_source({"requests": 1.0, "errors": 0.5})

    with pytest.raises(NotRecovered):
        activities(source).verify_recovery(verify(within=290.0))


def test_a_version_that_nobody_calls_stays_unverified_and_is_not_waited_for():
    source = a_source({"requests": 0.0, "errors": 0.0})

    found = activities(source).verify_recovery(verify())

    assert found.word is RecoveryWord.UNVERIFIED
    assert source.pace.at == BEGAN + 10


def test_a_source_that_is_down_leaves_a_recovery_unverified():
    found = activities(a_source(down=FOREVER)).verify_recovery(verify())

    assert found.word is RecoveryWord.UNVERIFIED
    assert found.reason == "the source is down"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Provider(type="scripted", connection="moon"), "'moon' is not in .* have: staging"),
        (
            Provider(type="prometheus", connection="staging"),
            "type prometheus in the catalog and of type scripted in this worker's settings",
        ),
    ],
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda them, source: them.watch_canary(the_ask(source=source)),
        lambda them, source: them.verify_recovery(verify(source)),
        lambda them, source: them.measure_traffic(measure(source)),
    ],
)
def test_a_connection_that_is_not_what_the_catalog_says_is_missing(ask, source, said):
    with pytest.raises(TargetMissing, match=said):
        ask(activities(a_source()), source)


def test_every_type_of_the_settings_has_a_source_that_says_so():
    assert {name: source.type for name, source in SOURCES.items()} == {
        "cloudwatch": "cloudwatch",
        "exposition": "exposition",
        "prometheus": "prometheus",
    }
