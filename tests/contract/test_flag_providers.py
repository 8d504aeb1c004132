"""One suite for the fake flag provider and the real ones; then what only a real one can show."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.flags.activities import FlagsActivities
from activities.flags.appconfig import AppConfig
from activities.flags.flagd import FlagdFile
from activities.flags.ofrep import Ofrep
from activities.flags.provider import FlagProvider
from infra.settings import Settings
from tests.contract.emulators import client
from tests.contract.ofrep_server import evaluated, evaluating
from tests.fakes.appconfig import FakeAppConfig
from tests.fakes.flags import ON_AND_OFF, FakeFlagProvider
from workers.flags import flags_of
from workers.parts import Parts
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.names import Queue
from workflows.domain.release.flags import CANARY_ONLY, FlagChange, FlagState
from workflows.domain.values import Provider, Target, arm_name, digest_of
from workflows.ports.flags import ObserveFlag, RestoreFlag, SetFlag

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


@pytest.fixture
def appconfig(ministack: str) -> Iterator[AppConfig]:
    """A profile of its own in the emulator, of which a first version is deployed."""
    with (
        closing(client("appconfig", ministack)) as control,
        closing(client("appconfigdata", ministack)) as retrieval,
    ):
        application = control.create_application(Name=uuid.uuid4().hex)["Id"]
        app = {"ApplicationId": application}
        environment = control.create_environment(Name="test", **app)["Id"]
        profile = control.create_configuration_profile(
            Name="flags", LocationUri="hosted", Type="AWS.Freeform", **app
        )["Id"]
        strategy = at_once(control)
        control.create_hosted_configuration_version(
            ConfigurationProfileId=profile,
            Content=json.dumps(DEFINITIONS).encode(),
            ContentType="application/json",
            **app,
        )
        control.start_deployment(
            EnvironmentId=environment,
            DeploymentStrategyId=strategy,
            ConfigurationProfileId=profile,
            ConfigurationVersion="1",
            **app,
        )
        yield AppConfig(
            control=lambda: control,
            retrieval=lambda: retrieval,
            application=application,
            environment=environment,
            profile=profile,
            strategy=strategy,
        )


def at_once(control: Any) -> str:
    strategy = control.create_deployment_strategy(
        Name=uuid.uuid4().hex,
        DeploymentDurationInMinutes=0,
        GrowthFactor=100,
        FinalBakeTimeInMinutes=0,
        ReplicateTo="NONE",
    )
    return str(strategy["Id"])


def fake_appconfig() -> AppConfig:
    """AppConfig with the rules that the emulator lacks: it neither locks nor rolls back."""
    aws = FakeAppConfig(json.dumps(DEFINITIONS).encode())
    return AppConfig(
        control=lambda: aws,
        retrieval=lambda: aws,
        application="app",
        environment="env",
        profile="profile",
        strategy="at-once",
    )


@pytest.fixture(params=["fake", "flagd", "fake appconfig", "appconfig"])
def provider(request: pytest.FixtureRequest) -> FlagProvider:
    match request.param:
        case "fake":
            return FakeFlagProvider(keys={KEY, OTHER})
        case "flagd":
            return FlagdFile(file=request.getfixturevalue("file"))
        case "fake appconfig":
            return fake_appconfig()
        case _:
            found: AppConfig = request.getfixturevalue("appconfig")
            return found


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


def test_what_people_had_made_of_a_flag_comes_back_even_where_it_was_wrong(provider):
    before = provider.read(KEY)
    odd = {"variant": "blue", "targeting": {"if": [True, "on", "green"]}, "set_by": None}
    provider.write(moved(before, **odd), instead_of=before, beat=quiet)
    wrong = provider.read(KEY)
    provider.write(moved(wrong, targeting=None), instead_of=wrong, beat=quiet)

    provider.write(wrong, instead_of=provider.read(KEY), beat=quiet)

    assert provider.read(KEY).is_as(wrong)


def test_a_ladder_ends_with_the_flag_on_and_goes_back_to_what_it_was(flags, provider):
    before = provider.read(KEY)
    half = flags.set_flag(set_to(CANARY_ONLY, before))
    full = flags.set_flag(set_to("on", half))
    assert (half.served_to(CANARY), half.served_to(BASELINE)) == ("on", "off")
    assert full.served_to(BASELINE) == "on"

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


@pytest.mark.parametrize("provider", ["fake", "flagd", "fake appconfig"], indirect=True)
def test_two_releases_that_change_one_flag_at_once_do_not_both_believe_it(flags, provider):
    """Not on the emulator, which takes every version whatever the last one was."""
    before = provider.read(KEY)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def move(release: str) -> None:
        together.wait()
        outcome = None
        while outcome is None:
            try:
                flags.set_flag(set_to("on", before, release=release))
                outcome = "set"
            except Diverged:
                outcome = "diverged"
            except Unavailable:
                continue  # as the engine would ask again
        outcomes.append(outcome)

    in_threads(move, ["one", "two"])

    assert len(outcomes) == 2
    assert outcomes.count("set") <= 1
    assert provider.read(KEY).set_by in {"one", "two"}


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
        flags.restore_flag(back_to(before))
        assert everyone(file) == ("off", "off", "off")

    assert json.loads(file.read_text()) == DEFINITIONS


def test_appconfig_gives_each_version_what_the_phase_says(appconfig):
    """By OpenFeature's own evaluator, over what a client of AppConfig is given."""
    before = appconfig.read(KEY)

    with (
        evaluating(lambda: json.dumps(appconfig._deployed())) as url,
        httpx.Client(trust_env=False) as http,
    ):
        evaluator = Ofrep(url, http)
        flags = FlagsActivities(lambda _: appconfig, evaluators={PROVIDER: evaluator}, beat=quiet)
        flags.set_flag(set_to(CANARY_ONLY, before))

        asked = [evaluator.variant(KEY, {"version": arm}) for arm in (CANARY, BASELINE)]
        assert asked == ["on", "off"]
        flags.restore_flag(back_to(before))
        assert evaluator.variant(KEY, {"version": CANARY}) == "off"


def test_the_pools_own_clients_speak_to_appconfig(ministack, appconfig, tmp_path, monkeypatch):
    """As a worker makes them of its settings, and with the proxy of somebody's shell."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    entry = {
        "type": "appconfig",
        "application": appconfig._profile["ApplicationId"],
        "environment": appconfig._environment["EnvironmentId"],
        "profile": appconfig._profile["ConfigurationProfileId"],
        "strategy": appconfig._strategy,
        "endpoint": ministack,
    }
    settings = Settings.model_validate(
        {
            "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
            "ledger": {"url": "sqlite://"},
            "flags": {"test": entry},
        }
    )
    parts = Parts(settings=settings, queue=Queue.FLAGS, vault=None, client=None, loop=None)
    named = Provider(type="appconfig", connection="test")

    flags, (need,) = flags_of(parts)
    need.ping()
    ask = ObserveFlag(target=TARGET, provider=named, key=KEY)
    before = flags.observe_flag(ask)
    environment = ActivityEnvironment()
    wanted = set_to(CANARY_ONLY, before).model_copy(update={"provider": named})
    environment.run(flags.set_flag, wanted)

    assert flags.observe_flag(ask).served_to(CANARY) == "on"
    made = flags._provider_for(named)
    made._control().close()
    made._retrieval().close()


def test_what_appconfig_does_not_know_is_missing(ministack, appconfig):
    with closing(client("appconfig", ministack)) as control:
        unknown = AppConfig(
            control=lambda: control,
            retrieval=appconfig._retrieval,
            application="nosuch",
            environment="nosuch",
            profile="nosuch",
            strategy="nosuch",
        )
        with pytest.raises(TargetMissing):
            unknown.read(KEY)
        with pytest.raises(TargetMissing, match="deployment strategy nosuch"):
            unknown.write(appconfig.read(KEY), instead_of=appconfig.read(KEY), beat=quiet)


def test_a_strategy_of_aws_that_bakes_for_ten_minutes_is_refused(appconfig):
    appconfig._strategy = "AppConfig.AllAtOnce"
    before = appconfig.read(KEY)

    with pytest.raises(Refused, match="takes 0:10:00, at most 0:01:00 is allowed"):
        appconfig.write(moved(before), instead_of=before, beat=quiet)


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
from workflows.domain.release.flags import FlagState

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
