import json
import socket

from infra.local.home import Home
from infra.local.ports import NAMES, choose, is_free, keep_ports


def test_every_name_gets_a_port_of_its_own():
    chosen = choose({}, free=lambda port: True)

    assert set(chosen) == set(NAMES)
    assert len(set(chosen.values())) == len(NAMES)


def test_saved_ports_are_kept_while_free_and_replaced_when_taken():
    saved = choose({}, free=lambda port: True)
    taken = saved["openbao"]

    chosen = choose(saved, free=lambda port: port != taken)

    assert {name for name in NAMES if chosen[name] != saved[name]} == {"openbao"}


def test_a_port_somebody_listens_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert not is_free(port)

    assert is_free(port)


def test_ports_of_a_running_stack_are_not_questioned(home: Home):
    saved = keep_ports(home.ports, running=False)
    with socket.create_server(("127.0.0.1", saved["worker"])):
        assert keep_ports(home.ports, running=True) == saved
        assert keep_ports(home.ports, running=False)["worker"] != saved["worker"]


def test_the_ports_file_is_private_and_complete(home: Home):
    chosen = keep_ports(home.ports, running=False)

    assert home.ports.stat().st_mode & 0o777 == 0o600
    assert json.loads(home.ports.read_text()) == chosen
