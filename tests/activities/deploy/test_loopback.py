import json
import socket

import pytest

from activities.deploy import loopback
from activities.deploy.loopback import LoopbackPorts
from workflows.domain.errors import Unavailable


@pytest.fixture
def ports(tmp_path) -> LoopbackPorts:
    (tmp_path / "locks").mkdir()
    return LoopbackPorts(tmp_path)


def test_a_version_keeps_its_port_until_it_is_released(ports, tmp_path):
    first, other = ports.take("checkout-1"), ports.take("checkout-2")

    assert LoopbackPorts(tmp_path).take("checkout-1") == first != other
    ports.release("checkout-1")
    ports.release("checkout-1")

    assert json.loads((tmp_path / "ports.json").read_text()) == {"checkout-2": other}


def test_a_port_that_somebody_else_took_is_given_up(ports):
    first = ports.take("checkout-1")

    with socket.create_server(("127.0.0.1", first)):
        assert ports.take("checkout-1") != first


def test_without_a_free_port_it_is_worth_asking_later(ports, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(loopback, "_RANGE", range(port, port + 1))

        with pytest.raises(Unavailable, match="no free loopback port"):
            ports.take("checkout-1")
