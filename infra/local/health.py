"""Asks a server on loopback whether it is well, without proxies, pools or TLS."""

import http.client

_SECONDS = 2.0


def http_problem(port: int, path: str) -> str | None:
    """Why GET `path` on this loopback port is not answered with a success; None when it is."""
    try:
        status = _status(port, path)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer on port {port}: {error}"
    return None if 200 <= status < 300 else f"port {port} answers {path} with status {status}"


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
