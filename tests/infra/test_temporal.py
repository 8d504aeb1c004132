import pytest
from temporalio.converter import DefaultFailureConverterWithEncodedAttributes

from infra.remote_codec import RemoteCodec
from infra.temporal import (
    DATA_CONVERTER,
    TemporalUnreachable,
    connect,
    connect_config,
    data_converter,
    encrypting,
    local_config,
)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "temporal.toml").write_text(
        '[profile.default]\naddress = "127.0.0.1:7777"\nnamespace = "releases"\n'
    )
    return tmp_path


def test_the_local_stack_is_used_where_nothing_else_says_where_temporal_is(home):
    config = connect_config({"LOCKGATE_HOME": str(home)})

    assert config == {"target_host": "127.0.0.1:7777", "namespace": "releases"}


def test_the_local_stack_is_found_in_the_working_directory(home, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / ".lockgate").symlink_to(home)
    monkeypatch.chdir(folder)

    assert connect_config({})["target_host"] == "127.0.0.1:7777"


def test_any_temporal_variable_turns_the_local_stack_off(home):
    environment = {"LOCKGATE_HOME": str(home), "TEMPORAL_ADDRESS": "elsewhere:7233"}

    assert local_config(environment) is None
    assert connect_config(environment)["target_host"] == "elsewhere:7233"


def test_profiles_with_tls_and_api_keys_are_temporals_own(tmp_path):
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.prod]\naddress = "cloud:7233"\napi_key = "k"\n')

    config = connect_config({"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "prod"})

    assert config["api_key"] == "k"
    assert config["tls"] is True


def test_a_broken_configuration_is_named_without_quoting_its_lines(tmp_path):
    """The line may hold an API key."""
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\napi_key = "very-secret\n')

    with pytest.raises(TemporalUnreachable) as refused:
        connect_config({"TEMPORAL_CONFIG_FILE": str(file)})

    assert str(file) in str(refused.value)
    assert "very-secret" not in str(refused.value)


def test_a_missing_profile_is_named(home):
    with pytest.raises(TemporalUnreachable, match="'nope' not found"):
        connect_config({"TEMPORAL_PROFILE": "nope"})


async def test_an_address_where_nobody_listens_comes_with_a_remedy(monkeypatch, free_port):
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port}")

    with pytest.raises(TemporalUnreachable) as unreachable:
        await connect()

    assert str(unreachable.value) == (
        f"Temporal at 127.0.0.1:{free_port} cannot be reached: Connection refused; "
        "start the local stack with `lockgate dev up`, or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE"
    )


def test_without_a_codec_address_payloads_are_plain(monkeypatch):
    monkeypatch.delenv("LOCKGATE_CODEC_URL", raising=False)

    assert data_converter() is DATA_CONVERTER


def test_a_codec_address_makes_a_front_door_use_the_workers_codec(monkeypatch):
    monkeypatch.setenv("LOCKGATE_CODEC_URL", "http://127.0.0.1:9/codec")

    assert isinstance(data_converter().payload_codec, RemoteCodec)


def test_an_encrypting_converter_hides_failure_messages_too():
    codec = RemoteCodec("http://127.0.0.1:9/codec")

    converter = encrypting(codec)

    assert converter.failure_converter_class is DefaultFailureConverterWithEncodedAttributes
    assert converter.payload_codec is codec
    assert converter.payload_converter_class is DATA_CONVERTER.payload_converter_class
