"""The options that say where Temporal is."""

import os

import pytest

from starters.cli import _configure


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A directory of a local stack, and an environment that names no Temporal."""
    for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
        monkeypatch.delenv(name)
    for name in (
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "TEMPORAL_CONFIG_FILE",
        "TEMPORAL_PROFILE",
    ):
        monkeypatch.setenv(name, "x")  # so that it is put back whatever the test sets
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOCKGATE_HOME", str(tmp_path))
    (tmp_path / "temporal.toml").write_text('[profile.default]\naddress = "127.0.0.1:7233"\n')
    return tmp_path


def test_an_option_wins_and_the_local_stack_still_says_the_rest(elsewhere):
    _configure({"TEMPORAL_NAMESPACE": "other"})

    assert os.environ["TEMPORAL_NAMESPACE"] == "other"
    assert os.environ["TEMPORAL_CONFIG_FILE"] == str(elsewhere / "temporal.toml")


def test_a_profile_means_the_users_own_configuration(elsewhere):
    _configure({"TEMPORAL_PROFILE": "production"})

    assert os.environ["TEMPORAL_PROFILE"] == "production"
    assert "TEMPORAL_CONFIG_FILE" not in os.environ
