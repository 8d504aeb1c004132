"""One suite for the fake flag provider and the real ones; then what only a real one can show."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from activities.flags.activities import FlagsActivities
from activities.flags.flagd import FlagdFile
from activities.flags.ofrep import Ofrep
from activities.flags.provider import FlagProvider
from tests.contract.ofrep_server import evaluated, evaluating
from tests.fakes.flags import ON_AND_OFF, FakeFlagProvider
from workflows.domain.errors import Diverged, TargetMissing, Unavailable
from workflows.domain.flags import CANARY_ONLY, FlagChange, FlagState
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.flags import RestoreFlag, SetFlag

OLD, NEW = digest_of("ledger v1"), digest_of("ledger v2")
TARGET = Target(service="ledger", environment="test")
PROVIDER = Provider(type="any", connection="test")
CANARY, BASELINE = arm_name("ledger", NEW), arm_name("ledger", OLD)
KEY, OTHER = "new-posting", "old-reports"

FLAG = {"state": "ENABLED", "variants": ON_AND_OFF, "defaultVariant": "off"}
DEFINITIONS = {"flags": {OTHER: FLAG, KEY: FLAG}, "metadata": {"team": "shop"}}


def quiet() -> None:
    """A beat that nobody hears."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "flags.json"
    file.write_text(json.dumps(DEFINITIONS))
    return file


@pytest.fixture(params=["fake", "flagd"])
def provider(request: pytest.FixtureRequest) -> FlagProvider:
    if request.param == "flagd":
        return FlagdFile(file=request.getfixturevalue("file"))
    return FakeFlagProvider(keys={KEY, OTHER})


@pytest.fixture
def flags(provider: FlagProvider) -> FlagsActivities:
    return FlagsActivities(lambda _: provider, beat=quiet)


def change(word: str, key: str = KEY) -> FlagChange:
    if word == CANARY_ONLY:
        return FlagChange(key=key, phase="half", word=word, everyone="off", canary="on")
    return FlagChange(key=key, phase="full", word=word, everyone=word)


def set_to(word: str, expected: FlagState, *, release: str = "ours") -> SetFlag:
    return SetFlag(
        target=TARGET,
        provider=PROVIDER,
        change=change(word, expected.key),
        expected=expected,
        canary=NEW,
        baseline=OLD,
        release=release,
    )


def back_to(before: FlagState, *, release: str = "ours") -> RestoreFlag:
    return RestoreFlag(
        target=TARGET, provider=PROVIDER, before=before, versions=(NEW, OLD), release=release
    )


def moved(before: FlagState, **more) -> FlagState:
    return before.model_copy(update={"variant": "on", "set_by": "ours", **more})


def test_a_flag_that_no_release_set_reads_as_it_was_defined(provider):
    state = provider.read(KEY)

    assert (state.enabled, state.variant, state.targeting, state.set_by) == (
        True,
        "off",
        None,
        None,
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"enabled": False},
        {"targeting": {"if": [{"===": [{"var": "version"}, CANARY]}, "on", "off"]}},
        {"targeting": {"if": [{"in": [{"var": "cohort"}, ["staff"]]}, "on", "off"]}},
        {"set_by": None},
    ],
    ids=str,
)
def test_a_flag_reads_as_it_was_written(provider, more):
    before = provider.read(KEY)

    provider.write(moved(before, **more), instead_of=before, beat=quiet)

    assert provider.read(KEY).is_as(moved(before, **more))


def test_other_flags_stay_as_they_were(provider):
    other, before = provider.read(OTHER), provider.read(KEY)

    provider.write(moved(before), instead_of=before, beat=quiet)

    assert provider.read(OTHER).is_as(other)


def test_a_flag_that_somebody_changed_meanwhile_is_left_as_it_is(provider):
    before = provider.read(KEY)
    theirs = moved(before, set_by="theirs")
    provider.write(theirs, instead_of=before, beat=quiet)

    with pytest.raises(Diverged, match="theirs changed the flag"):
        provider.write(moved(before), instead_of=before, beat=quiet)

    assert provider.read(KEY).is_as(theirs)


def test_a_flag_that_the_provider_does_not_hold_is_missing(provider):
    with pytest.raises(TargetMissing, match=f"no flag 'nosuch'.*{KEY}"):
        provider.read("nosuch")


def test_a_variant_that_the_flag_does_not_have_is_missing(provider):
    before = provider.read(KEY)

    with pytest.raises(TargetMissing, match="blue"):
        provider.write(moved(before, variant="blue"), instead_of=before, beat=quiet)

    assert provider.read(KEY).is_as(before)


def test_a_ladder_ends_with_the_flag_on_and_unwinds_step_by_step(flags, provider):
    before = provider.read(KEY)
    half = flags.set_flag(set_to(CANARY_ONLY, before))
    full = flags.set_flag(set_to("on", half))
    assert (half.served_to(CANARY), half.served_to(BASELINE)) == ("on", "off")
    assert full.served_to(BASELINE) == "on"

    for _ in range(2):
        assert flags.restore_flag(back_to(half)).is_as(half)
    for _ in range(2):
        assert flags.restore_flag(back_to(before)).is_as(before)


def test_what_was_never_set_is_restored_by_doing_nothing(flags, provider):
    before = provider.read(KEY)

    assert flags.restore_flag(back_to(before)).is_as(before)


def test_two_releases_move_two_flags_and_each_takes_back_its_own(flags, provider):
    first, second = provider.read(KEY), provider.read(OTHER)
    flags.set_flag(set_to("on", first, release="one"))
    theirs = flags.set_flag(set_to("on", second, release="two"))

    flags.restore_flag(back_to(first, release="one"))

    assert provider.read(KEY).is_as(first)
    assert provider.read(OTHER).is_as(theirs)


def test_a_release_never_takes_back_what_another_one_set(flags, provider):
    before = provider.read(KEY)
    ours = flags.set_flag(set_to(CANARY_ONLY, before))
    theirs = flags.set_flag(set_to("on", ours, release="theirs"))

    with pytest.raises(Diverged, match="theirs changed the flag"):
        flags.set_flag(set_to("off", ours))
    with pytest.raises(Diverged, match=r"theirs changed the flag.*not taken back"):
        flags.restore_flag(back_to(before))

    assert provider.read(KEY).is_as(theirs)


def test_two_releases_that_change_one_flag_at_once_do_not_both_believe_it(flags, provider):
    before = provider.read(KEY)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def move(release: str) -> None:
        together.wait()
        try:
            flags.set_flag(set_to("on", before, release=release))
            outcomes.append("set")
        except Diverged:
            outcomes.append("diverged")

    in_threads(move, ["one", "two"])

    assert sorted(outcomes) == ["diverged", "set"]


def in_threads(run, arguments) -> None:
    threads = [threading.Thread(target=run, args=(each,)) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def evaluated_flags(
    file: Path, *, within: timedelta = timedelta(seconds=10)
) -> Iterator[FlagsActivities]:
    with evaluating(file.read_text) as url, httpx.Client(trust_env=False) as client:
        yield FlagsActivities(
            lambda _: FlagdFile(file=file),
            evaluators={PROVIDER: Ofrep(url, client)},
            evaluated_within=within,
            beat=quiet,
        )


def variant(file: Path, version: str | None) -> str | None:
    context = {"targetingKey": "somebody"} | ({"version": version} if version else {})
    _, answer = evaluated(file.read_text(), KEY, context)
    return answer.get("variant")


def everyone(file: Path) -> tuple[str | None, ...]:
    return tuple(variant(file, version) for version in (CANARY, BASELINE, None))


def test_flagd_gives_each_version_what_the_phase_says(file):
    """By OpenFeature's own evaluator, over the file that flagd would read."""
    before = FlagdFile(file=file).read(KEY)
    assert everyone(file) == ("off", "off", "off")

    with evaluated_flags(file) as flags:
        half = flags.set_flag(set_to(CANARY_ONLY, before))
        assert everyone(file) == ("on", "off", "off")
        flags.set_flag(set_to("on", half))
        assert everyone(file) == ("on", "on", "on")
        flags.restore_flag(back_to(half))
        assert everyone(file) == ("on", "off", "off")
        flags.restore_flag(back_to(before))
        assert everyone(file) == ("off", "off", "off")

    assert json.loads(file.read_text()) == DEFINITIONS


def test_an_evaluator_that_reads_another_file_is_noticed(file, tmp_path):
    stale = tmp_path / "stale.json"
    stale.write_text(file.read_text())
    before = FlagdFile(file=file).read(KEY)

    with (
        evaluating(stale.read_text) as url,
        httpx.Client(trust_env=False) as client,
        pytest.raises(Unavailable, match=f"give {CANARY} the variant on, but evaluated it gives"),
    ):
        FlagsActivities(
            lambda _: FlagdFile(file=file),
            evaluators={PROVIDER: Ofrep(url, client)},
            evaluated_within=timedelta(0),
            beat=quiet,
        ).set_flag(set_to(CANARY_ONLY, before))


def test_a_rule_that_people_wrote_comes_back_with_the_undo(file):
    rule = {"if": [{"in": [{"var": "version"}, [BASELINE]]}, "on", "off"]}
    held = {**DEFINITIONS, "flags": {OTHER: FLAG, KEY: {**FLAG, "targeting": rule}}}
    file.write_text(json.dumps(held))
    before = FlagdFile(file=file).read(KEY)
    assert everyone(file) == ("off", "on", "off")

    with evaluated_flags(file) as flags:
        flags.set_flag(set_to(CANARY_ONLY, before))
        assert everyone(file) == ("on", "off", "off")
        flags.restore_flag(back_to(before))

    assert everyone(file) == ("off", "on", "off")
    assert json.loads(file.read_text()) == held


def test_a_flag_changed_by_hand_is_noticed_and_left(file):
    """The editor leaves the release's name standing in the metadata."""
    before = FlagdFile(file=file).read(KEY)
    with evaluated_flags(file) as flags:
        ours = flags.set_flag(set_to(CANARY_ONLY, before))
        by_hand = file.read_text().replace('"defaultVariant": "off"', '"defaultVariant": "on"')
        file.write_text(by_hand)

        with pytest.raises(Diverged, match="somebody, not a release, changed the flag"):
            flags.set_flag(set_to("on", ours))
        with pytest.raises(Diverged, match="somebody, not a release, changed the flag"):
            flags.restore_flag(back_to(before))

    assert file.read_text() == by_hand


WRITER = """
import json, os, sys
from pathlib import Path
from activities.flags.flagd import FlagdFile
from workflows.domain.flags import FlagState

file, wanted, before = Path(sys.argv[1]), *map(FlagState.model_validate_json, sys.argv[2:4])
provider = FlagdFile(file=file)
provider.write(wanted, instead_of=before, beat=lambda: None)
print("written", flush=True)
sys.stdin.read()  # the read-back never comes
"""


def test_a_worker_killed_between_the_write_and_the_read_back_is_taken_up(file):
    before = FlagdFile(file=file).read(KEY)
    wanted = change(CANARY_ONLY).applied_to(before, canary=CANARY, release="ours")
    told = [wanted.model_dump_json(), before.model_dump_json()]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), *told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as writer:
        assert writer.stdout.readline() == b"written\n"
        os.kill(writer.pid, signal.SIGKILL)
    held = file.read_bytes()

    with evaluated_flags(file) as flags:
        assert flags.set_flag(set_to(CANARY_ONLY, before)).is_as(wanted)
        assert file.read_bytes() == held
        assert flags.restore_flag(back_to(before)).is_as(before)
