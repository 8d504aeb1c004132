import pytest

from activities.metrics import SOURCES, MetricsActivities
from workflows.domain.canary.verdict import ArmCounts, MetricRule, Word
from workflows.domain.errors import Refused, TargetMissing, Unavailable
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.metrics import JudgeCanary, OpenWindow, Window

TARGET = Target(service="checkout", environment="staging")
CANARY, BASELINE = digest_of("new"), digest_of("old")
RULE = MetricRule(
    name="error-rate", type="errorRatio", max_increase=0.05, alpha=0.001, min_samples=100
)
PROMETHEUS = Provider(type="prometheus", connection="staging")


class Source:
    """A source whose next reading, or failure, is given to it."""

    type = "prometheus"

    def __init__(self, reading):
        self.reading = reading

    def read(self, *, canary, baseline):
        if isinstance(self.reading, Exception):
            raise self.reading
        return Window(at=5.0, canary=self.reading[canary], baseline=self.reading[baseline])


def reading(canary, baseline):
    return {arm_name("checkout", CANARY): canary, arm_name("checkout", BASELINE): baseline}


def activities(found):
    return MetricsActivities({"staging": Source(found)})


def judged(source=PROMETHEUS, **window):
    return JudgeCanary(
        target=TARGET,
        source=source,
        canary=CANARY,
        baseline=BASELINE,
        window=Window(at=1.0, **window),
        rules=(RULE,),
        look=1,
    )


def opened(source=PROMETHEUS):
    return OpenWindow(target=TARGET, source=source, canary=CANARY, baseline=BASELINE)


def test_a_window_notes_the_counters_of_each_version():
    canary, baseline = ArmCounts(requests=1), ArmCounts(requests=2)

    window = activities(reading(canary, baseline)).open_window(opened())

    assert window == Window(at=5.0, canary=canary, baseline=baseline)


def test_what_was_served_before_the_window_is_not_judged():
    now = reading(ArmCounts(requests=900, errors=400), ArmCounts(requests=2000, errors=1))

    verdict = activities(now).judge_canary(
        judged(canary=ArmCounts(requests=500, errors=400), baseline=ArmCounts(requests=1000))
    )

    assert verdict.word is Word.PASS
    assert (verdict.canary_requests, verdict.canary_errors) == (400, 0)


@pytest.mark.parametrize("error", [Unavailable("it is down"), Refused("no access")])
def test_a_source_that_cannot_be_asked_is_a_verdict(error):
    verdict = activities(error).judge_canary(judged(canary=ArmCounts(), baseline=ArmCounts()))

    assert verdict.word is Word.PROVIDER_ERROR
    assert verdict.reason == str(error)


def test_a_window_is_not_opened_on_a_source_that_cannot_be_asked():
    with pytest.raises(Unavailable, match="it is down"):
        activities(Unavailable("it is down")).open_window(opened())


def test_a_bug_in_a_source_is_no_verdict():
    with pytest.raises(KeyError):
        activities({}).judge_canary(judged(canary=ArmCounts(), baseline=ArmCounts()))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Provider(type="prometheus", connection="moon"), "'moon' is not in .* have: staging"),
        (
            Provider(type="exposition", connection="staging"),
            "type exposition in the catalog and of type prometheus in this worker's settings",
        ),
    ],
)
def test_a_connection_that_is_not_what_the_catalog_says_is_missing(source, said):
    empty = activities(reading(ArmCounts(), ArmCounts()))

    with pytest.raises(TargetMissing, match=said):
        empty.open_window(opened(source))
    with pytest.raises(TargetMissing, match=said):
        empty.judge_canary(judged(source, canary=ArmCounts(), baseline=ArmCounts()))


def test_every_type_of_the_settings_has_a_source_that_says_so():
    assert {name: source.type for name, source in SOURCES.items()} == {
        "cloudwatch": "cloudwatch",
        "exposition": "exposition",
        "prometheus": "prometheus",
    }
