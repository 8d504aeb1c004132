import socket

import httpx
import pytest

from workers import pings


def test_a_page_that_answers_with_an_error_is_no_answer():
    answering = httpx.MockTransport(
        lambda request: httpx.Response(200 if request.url.path == "/ready" else 503)
    )
    with httpx.Client(transport=answering) as client:
        pings.page(client, "http://envoy/ready")()
        with pytest.raises(httpx.HTTPStatusError, match="503"):
            pings.page(client, "http://envoy/other")()


def test_a_port_answers_while_somebody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        pings.port("127.0.0.1", number)()

    with pytest.raises(ConnectionRefusedError):
        pings.port("127.0.0.1", number)()


def test_a_socket_file_answers_while_somebody_listens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a unix socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("control.sock")
        listener.listen()
        pings.unix_socket("control.sock")()

    with pytest.raises(ConnectionRefusedError):
        pings.unix_socket("control.sock")()
