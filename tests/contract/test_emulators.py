"""The emulators that other suites are run against are what those suites take them for."""

import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.contract.emulators import client, serving_ministack


def test_ministack_answers_for_the_services_that_moto_leaves_out(ministack):
    with (
        closing(client("ecs", ministack)) as ecs,
        closing(client("appconfig", ministack)) as flags,
    ):
        assert "clusterArns" in ecs.list_clusters()
        assert "Items" in flags.list_applications()


def test_what_moto_lacks_is_answered_once(moto):
    with closing(client("appconfig", moto)) as flags, pytest.raises(ClientError) as lacking:
        flags.list_deployment_strategies()

    assert lacking.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_ministack_is_gone_when_its_user_is_done():
    with serving_ministack() as url:
        address = ("127.0.0.1", urlsplit(url).port)

    with socket.socket() as probe:
        assert probe.connect_ex(address) != 0
