import pytest

from activities.rates import ApiRates
from tests.loopback import free_port
from tests.workers.cloud_pool import AWS, LOCAL
from workers.aws import aws_client
from workflows.domain.errors import Unavailable


def test_keys_come_from_the_vault_and_only_when_they_are_needed(parts, vault):
    client = aws_client(parts, "s3", LOCAL)
    assert vault.asked == []

    assert client()._request_signer._credentials.access_key == "AKIA"
    assert vault.asked == ["kv/s3/local"]


def test_an_emulator_is_asked_once_without_a_proxy_and_soon_given_up_on(parts, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    config = aws_client(parts, "s3", LOCAL)().meta.config

    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.proxies == {}
    assert config.s3["addressing_style"] == "path"


def test_aws_itself_is_asked_twice_in_its_region_with_the_environments_credentials(
    parts, vault, monkeypatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "role")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    client = aws_client(parts, "ecr", AWS)()

    assert client.meta.config.retries["total_max_attempts"] == 2
    assert client.meta.region_name == "eu-west-1"
    assert client._request_signer._credentials.access_key == "role"
    assert vault.asked == []


def test_a_client_with_rates_waits_for_its_turn_at_each_request(parts):
    """Before anything goes over the wire: nobody listens at this address."""

    def no_time(seconds):
        raise Unavailable(f"{seconds:.1f} s to wait")

    rates = ApiRates("preview", 0.1, wait=no_time)
    nobody = LOCAL.model_copy(update={"endpoint": f"http://127.0.0.1:{free_port()}"})
    rates.turns("s3").take()

    with pytest.raises(Unavailable, match="s to wait"):
        aws_client(parts, "s3", nobody, rates=rates)().list_buckets()
