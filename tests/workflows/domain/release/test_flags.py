"""What flags may be while a release is under way, in which order, and on the way back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.domain.release.flags import (
    BEFORE,
    CANARY_ONLY,
    FlagChange,
    FlagLadder,
    FlagSpec,
    FlagState,
    SetFlagStep,
    change_of,
    drift,
    matrix,
    problems,
    unwind,
)
from workflows.domain.values import Provider, digest_of

PROVIDER = Provider(type="flagd", connection="production")
POSTING = FlagSpec(key="new-posting", phases={"canary": "off", "half": CANARY_ONLY, "full": "on"})
VARIANTS = digest_of("on and off")
OFF = FlagState(key="new-posting", variant="off", variants=VARIANTS)


def step(phase: str, key: str = "new-posting") -> SetFlagStep:
    return SetFlagStep(key=key, phase=phase)


def ladder(*steps: SetFlagStep, provider: Provider | None = PROVIDER) -> FlagLadder:
    return FlagLadder(environment="production", strategy="canary", provider=provider, steps=steps)


def test_a_phase_that_yaml_took_for_a_truth_value_is_refused():
    """An unquoted `off` is one for parsers of YAML 1.1."""
    with pytest.raises(ValidationError, match=r"phases\.canary"):
        FlagSpec.model_validate({"key": "new-posting", "phases": {"canary": False}})


def test_a_phase_is_compiled_into_the_variants_of_everybody_and_of_the_canary():
    canary, half = (change_of((POSTING,), step(phase)) for phase in ("canary", "half"))

    assert (canary.everyone, canary.canary, str(canary)) == ("off", None, "new-posting=off")
    assert (half.everyone, half.canary, str(half)) == ("off", "on", "new-posting=canary-only")


def test_canary_only_speaks_of_the_variants_that_the_release_names():
    blue = {"phases": {"half": CANARY_ONLY}, "on_variant": "blue", "off_variant": "green"}

    change = change_of((POSTING.model_copy(update=blue),), step("half"))

    assert (change.canary, change.everyone) == ("blue", "green")


def test_a_service_has_nothing_to_do_for_a_flag_that_it_does_not_name():
    assert change_of((), step("half")) is None


def test_canary_only_is_on_for_the_canarys_version_alone():
    change = change_of((POSTING,), step("half"))

    state = change.applied_to(OFF, canary="ledger-2", release="ours")

    assert (state.served_to("ledger-2"), state.served_to("ledger-1")) == ("on", "off")
    assert state.set_by == "ours"


def test_a_change_drops_the_rule_that_would_decide_otherwise_and_turns_the_flag_on():
    ruled = OFF.model_copy(update={"enabled": False, "targeting": {"var": "cohort"}})

    state = change_of((POSTING,), step("full")).applied_to(ruled, canary="2", release="ours")

    assert (state.enabled, state.targeting, state.served_to("anybody")) == (True, None, "on")


@pytest.mark.parametrize(
    "state",
    [
        OFF.model_copy(update={"targeting": {"var": "cohort"}}),
        OFF.model_copy(update={"targeting": {"if": [True, "on", "off"]}}),
        OFF.model_copy(update={"enabled": False}),
    ],
    ids=str,
)
def test_what_a_rule_of_somebody_else_decides_is_not_foretold(state):
    assert state.served_to("ledger-1") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"variant": "on"}, "somebody, not a release, changed the flag: expected new-posting=off"),
        ({"variant": "on", "set_by": "theirs"}, "theirs changed the flag"),
        ({"targeting": {"var": "cohort"}}, "found new-posting=off with rule"),
        ({"enabled": False}, "found new-posting disabled"),
        ({"variants": digest_of("other")}, "and what its variants mean"),
        ({"set_by": "theirs"}, "theirs changed the flag"),
    ],
)
def test_every_change_of_somebody_else_is_drift(change, told):
    assert told in drift(OFF, OFF.model_copy(update=change))


def test_a_change_of_other_flags_is_no_drift():
    """The version is that of all definitions together."""
    assert drift(OFF, OFF.model_copy(update={"version": "2"})) is None


def test_phases_of_one_release_and_its_strategy_fit():
    flags = {"ledger": (POSTING,), "payments": ()}
    later = ladder(step("half"), step("full"))

    assert problems(flags, (ladder(step("canary"), step("half"), step("full")), later)) == []


@pytest.mark.parametrize(
    ("flags", "steps", "problem"),
    [
        ({"ledger": (POSTING,)}, (step("hlaf"),), "phase 'hlaf'; its phases are canary, half, f"),
        ({"ledger": ()}, (step("half"),), "sets flag 'new-posting'; the release names none at"),
        ({"ledger": (POSTING,)}, (), "no strategy of this release sets 'new-posting'"),
        (
            {"ledger": (POSTING,)},
            (step("half"), step("full"), step("half")),
            "to phase half more than once",
        ),
        ({"a": (POSTING,), "b": (POSTING,)}, (step("half"),), "services.b.flags: 'new-posting' "),
        ({"a": (POSTING, POSTING)}, (step("half"),), "services.a.flags: 'new-posting' is named"),
    ],
)
def test_what_does_not_fit_is_named(flags, steps, problem):
    (found,) = problems(flags, (ladder(*steps),))

    assert problem in found


def test_strategies_of_one_release_come_to_the_phases_in_one_order():
    """Their order is the strategies' alone: the release's mapping has lost it on the way."""
    up = ladder(step("half"), step("full"))
    down = ladder(step("full"), step("canary"), step("half"))
    other = down.model_copy(update={"environment": "staging", "strategy": "odd"})

    (found,) = problems({"ledger": (POSTING,)}, (up, other))

    assert found == (
        "environments.staging: Strategy 'odd' sets 'new-posting' to 'half' after 'full'; "
        "environments.production: Strategy 'canary' does it the other way round"
    )


def test_a_mapping_of_phases_in_any_order_is_the_same_release():
    turned = POSTING.model_copy(update={"phases": dict(reversed(POSTING.phases.items()))})

    assert problems({"ledger": (turned,)}, (ladder(step("half"), step("full")),)) == []


def test_an_environment_without_a_provider_cannot_set_flags():
    (found,) = problems({"ledger": (POSTING,)}, (ladder(step("half"), provider=None),))

    assert "environments.production: Strategy 'canary' sets flags, but Environment" in found


def test_an_environment_whose_strategy_sets_no_flag_needs_no_provider():
    other = ladder(provider=None).model_copy(update={"environment": "staging"})

    assert problems({"ledger": (POSTING,)}, (ladder(step("half")), other)) == []


changes = st.lists(
    st.builds(
        lambda key, word: FlagChange(key=key, phase="p", word=word, everyone=word),
        st.sampled_from("abc"),
        st.sampled_from(["on", "off", "blue"]),
    ),
    max_size=8,
)


def test_the_matrix_has_a_row_before_and_after_each_change():
    walked = [change_of((POSTING,), step(phase)) for phase in ("canary", "half")]

    assert matrix(walked) == (
        {"new-posting": BEFORE},
        {"new-posting": "off"},
        {"new-posting": CANARY_ONLY},
    )
    assert unwind(walked) == ({"new-posting": CANARY_ONLY}, {"new-posting": BEFORE})


def test_the_flag_that_was_moved_last_goes_back_first():
    walked = [
        FlagChange(key=key, phase="full", word="on", everyone="on") for key in ("ledger", "ui")
    ]

    assert unwind(walked) == (
        {"ledger": "on", "ui": "on"},
        {"ledger": "on", "ui": BEFORE},
        {"ledger": BEFORE, "ui": BEFORE},
    )


@given(changes, st.data())
def test_whatever_rung_it_turns_back_from_no_flag_leaves_its_column(walked, data):
    """On the way back a flag is what its rung says or what it was, and never turns on anew."""
    done = walked[: data.draw(st.integers(0, len(walked)))]
    rung = matrix(walked)[len(done)]

    rows = unwind(done)

    assert {**rung, **rows[0]} == rung
    assert all(row[key] in {rung[key], BEFORE} for row in rows for key in row)
    for earlier, later in pairwise(rows):
        assert [key for key in later if later[key] != earlier[key]] != []
        assert all(later[key] == BEFORE for key in later if later[key] != earlier[key])
    assert set(rows[-1].values()) <= {BEFORE}


@given(changes)
def test_flags_that_are_moved_one_after_the_other_go_back_through_the_same_rows(walked):
    """Where a flag is at its last phase before the next one begins."""
    in_turn = sorted(walked, key=lambda change: change.key)

    assert all(row in matrix(in_turn) for row in unwind(in_turn))
