"""Passes an order on to the next service of the chain, over connections that stay open."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from shop_order import Order, Outcome, Rejected, Unserved
from shop_pool import Pool

CONNECTIONS = 16
ANSWER_SECONDS = 3.0


class UpstreamFailed(Unserved):
    """The next service did not answer, or answered that it failed."""

    status = 502


class Upstream:
    """The service at *url*; *path* is where it takes orders."""

    def __init__(self, url: str, path: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"expected a URL like http://127.0.0.1:8080, found {url!r}")
        self._host, self._port = parts.hostname, parts.port or 80
        self._path = parts.path.rstrip("/") + path
        broken = (ConnectionError, HTTPException)
        self._pool = Pool(connect=self._connect, broken=broken, size=CONNECTIONS)

    def send(self, order: Order) -> Outcome:
        """Have *order* served. Sending it again changes nothing: its id is what counts.

        Raises:
            Rejected: the next service will not take this order, whoever asks.
            UpstreamFailed: it failed, or was not there.
        """
        try:
            status, body = self._pool.run(lambda link: self._exchange(link, order))
            if status == 200:
                return Outcome.from_json(body)
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise UpstreamFailed(f"{self._path}: {type(error).__name__}: {error}") from error
        if status in (400, 422):
            raise Rejected(status, f"{self._path} answered {status}")
        raise UpstreamFailed(f"{self._path} answered {status}")

    def close(self) -> None:
        self._pool.close()

    def _connect(self) -> HTTPConnection:
        return HTTPConnection(self._host, self._port, timeout=ANSWER_SECONDS)

    def _exchange(self, link: HTTPConnection, order: Order) -> tuple[int, bytes]:
        link.request("POST", self._path, body=order.body(), headers=order.headers())
        answer = link.getresponse()
        return answer.status, answer.read()
