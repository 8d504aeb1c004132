"""AppConfig as it can be: with others at work, deployments that fail, and worker kills."""

import json
import threading

import pytest

from activities.flags import appconfig
from activities.flags.appconfig import AppConfig
from tests.fakes.appconfig import FakeAppConfig, conflict
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState

FLAG = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
KEYS = [f"flag-{number}" for number in range(4)]


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch):
    monkeypatch.setattr(appconfig, "_LOOK_AGAIN_SECONDS", 0.001)


@pytest.fixture
def aws() -> FakeAppConfig:
    return FakeAppConfig(json.dumps({"flags": dict.fromkeys(KEYS, FLAG)}).encode())


@pytest.fixture
def provider(aws) -> AppConfig:
    return AppConfig(
        control=lambda: aws,
        retrieval=lambda: aws,
        application="app",
        environment="env",
        profile="profile",
        strategy="at-once",
    )


def write(provider: AppConfig, key: str = KEYS[0], beat=lambda: None, **more) -> FlagState:
    before = provider.read(key)
    wanted = before.model_copy(update={"variant": "on", "set_by": "ours", **more})
    provider.write(wanted, instead_of=before, beat=beat)
    return wanted


def test_a_change_is_a_version_that_is_deployed_and_waited_for(aws, provider):
    aws.states = ["DEPLOYING", "BAKING", "COMPLETE"]
    beats = []

    wanted = write(provider, beat=lambda: beats.append(1))

    assert provider.read(KEYS[0]).is_as(wanted)
    assert (len(aws.versions), len(aws.deployments), len(beats)) == (2, 2, 3)


def test_what_appconfig_rolled_back_is_refused_and_the_flag_is_as_it_was(aws, provider):
    aws.states = ["DEPLOYING", "ROLLING_BACK", "ROLLED_BACK"]

    with pytest.raises(Refused, match="deployment 2 ended as ROLLED_BACK"):
        write(provider)

    assert provider.read(KEYS[0]).variant == "off"


def test_a_deployment_that_does_not_end_is_given_up_on_and_taken_up_again(
    aws, provider, monkeypatch
):
    aws.states = ["DEPLOYING", "DEPLOYING", "COMPLETE"]
    monkeypatch.setattr(appconfig, "_PATIENCE", -appconfig._PATIENCE)
    with pytest.raises(Unavailable, match="deployment 2 is still DEPLOYING"):
        write(provider)

    monkeypatch.undo()
    monkeypatch.setattr(appconfig, "_LOOK_AGAIN_SECONDS", 0.001)
    wanted = write(provider)

    assert provider.read(KEYS[0]).is_as(wanted)
    assert len(aws.deployments) == 2


@pytest.mark.parametrize("minutes", [2, 10])
def test_a_strategy_that_would_keep_code_waiting_is_refused_before_anything_is_saved(
    aws, provider, minutes
):
    aws.minutes = minutes

    with pytest.raises(Refused, match=r"at-once takes .* name one without a long bake time"):
        write(provider)

    assert len(aws.versions) == 1


def test_nobodys_draft_is_deployed(aws, provider):
    """A version that somebody saved, and did not deploy, is no part of the next one."""
    draft = {"flags": {**dict.fromkeys(KEYS, FLAG), KEYS[1]: {**FLAG, "defaultVariant": "on"}}}
    aws.create_hosted_configuration_version(
        Content=json.dumps(draft).encode(), LatestVersionNumber=1
    )

    write(provider)

    assert provider.read(KEYS[1]).variant == "off"


def test_a_version_saved_by_somebody_meanwhile_is_seen_at_the_next_try(aws, provider):
    """What he saved is made from what was deployed, too: one of both would lose its change."""
    before = provider.read(KEYS[0])
    retrieve = aws.get_latest_configuration

    def and_somebody_saves(**asked):
        aws.get_latest_configuration = retrieve
        aws.create_hosted_configuration_version(Content=b"{}", LatestVersionNumber=1)
        return retrieve(**asked)

    aws.get_latest_configuration = and_somebody_saves
    wanted = before.model_copy(update={"variant": "on", "set_by": "ours"})
    with pytest.raises(Unavailable, match="somebody else is at work"):
        provider.write(wanted, instead_of=before, beat=lambda: None)
    assert len(aws.deployments) == 1

    assert provider.read(KEYS[0]).variant == "off"
    assert write(provider).variant == "on"


def test_who_was_overtaken_after_saving_does_not_deploy(aws, provider):
    saved = aws.create_hosted_configuration_version

    def and_then_somebody_else(**asked):
        made = saved(**asked)
        saved(Content=b"{}", LatestVersionNumber=made["VersionNumber"])
        return made

    aws.create_hosted_configuration_version = and_then_somebody_else

    with pytest.raises(Unavailable, match="somebody else saved or deployed while version 2"):
        write(provider)

    assert len(aws.deployments) == 1


def test_a_deployment_of_somebody_else_is_waited_out(aws, provider):
    """It began after we looked: AWS says so, and the next try waits for its end."""
    theirs = {"flags": {**dict.fromkeys(KEYS, FLAG), KEYS[1]: {**FLAG, "defaultVariant": "on"}}}

    def begun_meanwhile():
        aws.before_deploying = lambda: None
        aws.create_hosted_configuration_version(
            Content=json.dumps(theirs).encode(), LatestVersionNumber=2
        )
        aws.start_deployment(ConfigurationVersion="3")

    aws.before_deploying = begun_meanwhile
    with pytest.raises(Unavailable, match="another deployment is in progress"):
        write(provider)

    wanted = write(provider)

    assert provider.read(KEYS[0]).is_as(wanted)
    assert provider.read(KEYS[1]).variant == "on"


def definitions(**moved: str) -> bytes:
    flags = {key: {**FLAG, "defaultVariant": moved.get(key, "off")} for key in KEYS}
    return json.dumps({"flags": flags}).encode()


def overtaking(aws: FakeAppConfig, content: bytes, *, profile: str = "profile") -> None:
    """Somebody else saves and deploys in the instant before our deployment begins."""

    def in_between():
        aws.before_deploying = lambda: None
        number = len(aws.versions)
        aws.create_hosted_configuration_version(Content=content, LatestVersionNumber=number)
        aws.deploy(number + 1)
        aws.deployments[len(aws.deployments)]["profile"] = profile

    aws.before_deploying = in_between


def test_who_overtook_another_puts_both_changes_together(aws, provider):
    overtaking(aws, definitions(**{KEYS[1]: "on"}))

    wanted = write(provider)

    assert provider.read(KEYS[0]).is_as(wanted)
    assert provider.read(KEYS[1]).variant == "on"


def test_who_overtook_a_change_of_the_same_flag_takes_it_back(aws, provider):
    overtaking(aws, definitions(**{KEYS[0]: "on", KEYS[1]: "on"}))

    with pytest.raises(Diverged, match="somebody, not a release, changed the flag"):
        write(provider, targeting={"if": [True, "on", "off"]})

    assert aws.served == definitions(**{KEYS[0]: "on", KEYS[1]: "on"})


def test_deployments_of_other_profiles_are_no_changes_of_flags(aws, provider):
    overtaking(aws, b"unrelated", profile="another")

    write(provider)

    assert len(aws.deployments) == 3


def test_a_flag_that_was_changed_meanwhile_is_left(aws, provider):
    before = provider.read(KEYS[0])
    write(provider, set_by="theirs")

    with pytest.raises(Diverged, match="theirs changed the flag"):
        provider.write(before, instead_of=before, beat=lambda: None)

    assert len(aws.deployments) == 2


def test_two_releases_that_set_different_flags_at_once_lose_nothing(aws, provider):
    """Each asks again, as the engine would, until it has had its turn."""
    together = threading.Barrier(len(KEYS))

    def move(key: str) -> None:
        together.wait()
        while True:
            try:
                write(provider, key, set_by=key)
            except Unavailable:
                continue
            return

    threads = [threading.Thread(target=move, args=(key,)) for key in KEYS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert [(provider.read(key).variant, provider.read(key).set_by) for key in KEYS] == [
        ("on", key) for key in KEYS
    ]


def test_a_profile_of_which_nothing_is_deployed_is_missing(aws, provider):
    aws.served = b""

    with pytest.raises(TargetMissing, match="nothing is deployed; deploy flag definitions of fl"):
        provider.read(KEYS[0])


def test_what_is_no_definition_of_flagd_is_refused(aws, provider):
    """AppConfig's own feature flags look like this to a client."""
    aws.served = b'{"new-posting": {"enabled": true}}'

    with pytest.raises(Refused, match="no flag definitions of flagd"):
        provider.read("new-posting")


def test_another_refusal_of_aws_is_one(aws, provider):
    def refused(**_):
        error = conflict("the strategy is not yours")
        error.response["Error"]["Code"] = "AccessDeniedException"
        raise error

    aws.start_deployment = refused

    with pytest.raises(Refused, match="deploy version 2: AccessDeniedException"):
        write(provider)
