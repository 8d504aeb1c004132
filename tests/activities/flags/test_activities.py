"""The rules of moving flags, over every order of sets and undos, and whatever others do."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.flags.activities import FlagsActivities
from tests.fakes.flags import FakeFlagProvider, FakeFlags, a_flag
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import (
    BEFORE,
    CANARY_ONLY,
    FlagChange,
    FlagState,
    matrix,
    unwind,
)
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.flags import ObserveFlag, RestoreFlag, SetFlag

OLD, NEW = digest_of("old"), digest_of("new")
TARGET = Target(service="ledger", environment="production")
PROVIDER = Provider(type="fake", connection="production")
ARM, OLD_ARM = arm_name("ledger", NEW), arm_name("ledger", OLD)
KEY = "new-posting"
OFF = a_flag(KEY)
NOT_AT_ALL = timedelta(0)


def change(word: str, key: str = KEY) -> FlagChange:
    if word == CANARY_ONLY:
        return FlagChange(key=key, phase="p", word=word, everyone="off", canary="on")
    return FlagChange(key=key, phase="p", word=word, everyone=word)


def set_to(word: str, expected: FlagState = OFF, key: str = KEY) -> SetFlag:
    return SetFlag(
        target=TARGET,
        provider=PROVIDER,
        change=change(word, key),
        expected=expected,
        canary=NEW,
        baseline=OLD,
        release="ours",
    )


def back_to(before: FlagState = OFF) -> RestoreFlag:
    return RestoreFlag(
        target=TARGET, provider=PROVIDER, before=before, versions=(NEW, OLD), release="ours"
    )


def holding(*flags: FlagState) -> tuple[FakeFlagProvider, FlagsActivities]:
    provider = FakeFlagProvider()
    provider.flags = {flag.key: flag for flag in flags}
    return provider, FlagsActivities(lambda _: provider, beat=lambda: None)


words = st.sampled_from(["on", "off", CANARY_ONLY])
states = st.builds(
    a_flag,
    st.just(KEY),
    st.sampled_from(["on", "off"]),
    enabled=st.booleans(),
    targeting=st.sampled_from([None, {"var": "cohort"}]),
    set_by=st.sampled_from([None, "theirs"]),
)


def word_of(state: FlagState, before: FlagState) -> set[str]:
    """All that the matrix may call *state*; a release may set what was there before."""
    found = {BEFORE} if state.definition == before.definition else set()
    for word in ("on", "off", CANARY_ONLY):
        if change(word).applied_to(before, canary=ARM, release="").definition == state.definition:
            found.add(word)
    return found


@given(st.lists(st.tuples(st.sampled_from("abc"), words), max_size=6), st.data())
def test_no_order_of_sets_retries_and_undos_leaves_the_matrix(steps, data):
    """As the story does it: undos listed before all else, sets in order, any call made twice."""
    provider, flags = holding()
    changes = [change(word, key) for key, word in steps]
    start = {key: provider.read(key) for key in matrix(changes)[0]}
    seen = dict(start)
    done = data.draw(st.integers(0, len(steps)))
    for rung, (key, word) in enumerate(steps[:done], start=1):
        ask = set_to(word, seen[key], key)
        for _ in range(data.draw(st.integers(1, 2))):
            seen[key] = flags.set_flag(ask)
        assert inside(provider, matrix(changes)[rung], start)

    back = {**dict.fromkeys(start, BEFORE), **unwind(changes[:done])[0]}
    for key in reversed(start):
        for _ in range(data.draw(st.integers(1, 2))):
            flags.restore_flag(back_to(start[key]))
        back[key] = BEFORE
        assert inside(provider, back, start)
    assert provider.flags == start


def inside(provider: FakeFlagProvider, row: dict[str, str], start: dict[str, FlagState]) -> bool:
    return all(word in word_of(provider.read(key), start[key]) for key, word in row.items())


@given(states, words)
def test_what_the_flag_was_before_is_what_it_is_after_the_undo(before, word):
    provider, flags = holding(before)

    flags.set_flag(set_to(word, before))
    after = flags.restore_flag(back_to(before))

    assert after == provider.flags[KEY]
    assert after == before


@given(states, states, words)
def test_a_flag_that_somebody_else_changed_is_left_as_it_is(before, foreign, word):
    provider, flags = holding(before)
    flags.set_flag(set_to(word, before))
    provider.flags[KEY] = foreign

    if foreign.is_as(before):
        assert flags.set_flag(set_to(word, before)).set_by in {"ours", before.set_by}
        return
    with pytest.raises(Diverged, match="changed the flag"):
        flags.set_flag(set_to(word, before))
    if foreign.definition == before.definition:
        assert flags.restore_flag(back_to(before)) == foreign
    else:
        with pytest.raises(Diverged, match="it is not taken back"):
            flags.restore_flag(back_to(before))
    assert provider.flags[KEY] == foreign


@given(words)
def test_asking_twice_changes_the_provider_once_at_most(word):
    provider, flags = holding()

    assert flags.set_flag(set_to(word)) == flags.set_flag(set_to(word))

    assert len(provider.written) == (0 if word == "off" else 1)


def test_a_flag_that_somebody_turned_off_needs_no_undo_any_more():
    """The switch was thrown by hand while the release was at half: nothing is left to settle."""
    provider, flags = holding()
    half = flags.set_flag(set_to(CANARY_ONLY))
    full = flags.set_flag(set_to("on", half))
    provider.flags[KEY] = OFF

    with pytest.raises(Diverged, match="somebody, not a release, changed the flag"):
        flags.set_flag(set_to("off", full))
    assert flags.restore_flag(back_to()) == OFF
    assert len(provider.written) == 2


@pytest.mark.parametrize("ask", [set_to(CANARY_ONLY), back_to(a_flag(KEY, targeting={"a": [1]}))])
def test_an_ask_crosses_as_json(ask):
    """As Temporal carries it, and as an undo keeps it."""
    assert type(ask).model_validate(ask.model_dump(mode="json", by_alias=True)) == ask
    assert type(ask).model_validate_json(ask.model_dump_json()) == ask


def test_a_flag_that_is_as_wanted_keeps_whoever_set_it():
    """So that the release that set it can still take it back itself."""
    before = a_flag(KEY, "on", set_by="theirs")
    provider, flags = holding(before)

    assert flags.set_flag(set_to("on", before)) == before
    assert flags.restore_flag(back_to(before)) == before
    assert provider.written == []


def test_a_flag_is_given_back_to_the_release_that_had_set_it():
    before = a_flag(KEY, "on", set_by="theirs")
    provider, flags = holding(before)
    last = flags.set_flag(set_to("on", flags.set_flag(set_to("off", before))))
    assert last.set_by == "ours"

    flags.restore_flag(back_to(before))

    assert provider.flags[KEY] == before


def test_what_was_written_by_a_killed_attempt_is_found_by_the_next():
    """The worker died between the write and the read-back."""
    provider, flags = holding()
    wanted = change(CANARY_ONLY).applied_to(OFF, canary=ARM, release="ours")
    provider.write(wanted, instead_of=OFF, beat=lambda: None)

    assert flags.set_flag(set_to(CANARY_ONLY)) == wanted
    assert len(provider.written) == 1


def test_a_provider_that_holds_something_else_than_it_was_told_has_diverged():
    class Deaf(FakeFlagProvider):
        def write(self, wanted, *, instead_of, beat):
            self.written.append(wanted)

    flags = FlagsActivities(lambda _: Deaf(), beat=lambda: None)

    with pytest.raises(Diverged, match="was set to new-posting=on, set by ours, but it reads"):
        flags.set_flag(set_to("on"))


def test_a_variant_that_the_flag_does_not_have_is_missing():
    provider, flags = holding()

    with pytest.raises(TargetMissing, match="it has on, off"):
        flags.set_flag(set_to("blue"))

    assert provider.flags[KEY] == OFF


def test_observing_changes_nothing():
    provider, flags = holding()
    ask = ObserveFlag(target=TARGET, provider=PROVIDER, key=KEY)

    assert flags.observe_flag(ask) == OFF
    assert provider.written == []


class Evaluator:
    """Takes what the provider holds after *late* looks; `answers` overrules some arms."""

    def __init__(self, provider: FakeFlagProvider, *, late: int = 0, **answers) -> None:
        self.provider, self.late, self.answers = provider, late, answers
        self.contexts: list[dict[str, str]] = []

    def variant(self, key, context):
        self.contexts.append(context)
        if self.late:
            self.late -= 1
            return None
        return self.answers.get(
            context["version"], self.provider.read(key).served_to(context["version"])
        )


def evaluating(evaluator, provider, within=timedelta(seconds=5)) -> FlagsActivities:
    return FlagsActivities(
        lambda _: provider,
        evaluators={PROVIDER: evaluator},
        evaluated_within=within,
        beat=lambda: None,
    )


def test_a_set_flag_is_asked_for_as_the_canary_and_as_the_baseline_would():
    provider = FakeFlagProvider()
    evaluator = Evaluator(provider, late=2)

    evaluating(evaluator, provider).set_flag(set_to(CANARY_ONLY))

    assert evaluator.contexts == [
        *[{"targetingKey": ARM, "version": ARM}] * 3,
        {"targetingKey": OLD_ARM, "version": OLD_ARM},
    ]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({ARM: "off"}, f"give {ARM} the variant on, but evaluated it gives off"),
        ({OLD_ARM: "on"}, f"give {OLD_ARM} the variant off, but evaluated it gives on"),
    ],
)
def test_a_flag_that_is_evaluated_otherwise_than_it_was_set_is_not_taken_for_set(answers, told):
    provider = FakeFlagProvider()
    flags = evaluating(Evaluator(provider, **answers), provider, NOT_AT_ALL)

    with pytest.raises(Unavailable, match=told):
        flags.set_flag(set_to(CANARY_ONLY))


def test_a_flag_that_is_back_in_the_provider_is_back_when_it_is_evaluated_so():
    provider = FakeFlagProvider()
    FlagsActivities(lambda _: provider, beat=lambda: None).set_flag(set_to("on"))
    flags = evaluating(Evaluator(provider, **{OLD_ARM: "on"}), provider, NOT_AT_ALL)

    with pytest.raises(Unavailable, match=f"give {OLD_ARM} the variant off"):
        flags.restore_flag(back_to())

    assert provider.flags[KEY] == OFF


def test_what_a_rule_of_somebody_else_decides_is_not_asked_for():
    ruled = a_flag(KEY, targeting={"var": "cohort"})
    provider, flags = holding(ruled)
    flags.set_flag(set_to("on", ruled))
    evaluator = Evaluator(provider)

    assert evaluating(evaluator, provider).restore_flag(back_to(ruled)) == ruled
    assert evaluator.contexts == []


def test_the_fake_fails_as_it_is_told():
    fake = FakeFlags()
    fake.put(TARGET, OFF)
    fake.unavailable = 1
    with pytest.raises(Unavailable):
        fake.set_flag(set_to("on"))
    state = fake.set_flag(set_to("on"))
    assert fake.flag(TARGET, KEY) == state

    fake.stuck.add(KEY)
    with pytest.raises(Refused):
        fake.restore_flag(back_to())

    assert fake.flag(TARGET, KEY).variant == "on"
    assert len(fake.asks) == 2
