"""One customer's requests: filled in, marked, bounded, kept at home, and counted."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import httpx
from pydantic import JsonValue

from workflows.domain.journeys.plan import Body, RequestPlan
from workflows.domain.journeys.template import Scalar, as_text, fill, fill_path, fill_text

LARGEST_BODY = 256 * 1024
MOST_REDIRECTS = 5
_CONNECT_SECONDS = 3.0
_SHORTEST_SESSION = 8

Clock = Callable[[], float]


class NeverSent(Exception):
    """The entrance takes no connection: nothing is known of the version behind it."""


class NoAnswer(Exception):
    """The request was sent, and no whole answer came."""


class Unsendable(Exception):
    """A value that was filled in makes no valid request; the text holds no value."""


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is None where it is larger than what is read."""

    status: int
    headers: httpx.Headers
    body: bytes | None
    latency_ms: float
    note: str = ""

    @property
    def text(self) -> str:
        return (self.body or b"").decode("utf-8", "replace")

    def json(self) -> JsonValue:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON, or too large to be read.
        """
        if self.body is None:
            raise ValueError(f"larger than {LARGEST_BODY // 1024} KiB")
        try:
            parsed: JsonValue = json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return parsed


class Visit:
    """One try on one version: its requests, counted."""

    def __init__(
        self,
        client: httpx.Client,
        base: str,
        *,
        marks: Mapping[str, str],
        trace: str,
        clock: Clock = time.monotonic,
    ) -> None:
        """*marks* go with every request, whatever the journey says of those headers."""
        self._client = client
        self._marks = dict(marks)
        self._base = httpx.URL(base)
        self._trace = trace
        self._clock = clock
        self.requests = 0
        self.errors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def cookies(self) -> tuple[str, ...]:
        """What the service has set and may be a session, which is as good as a password."""
        values = (cookie.value or "" for cookie in self._client.cookies.jar)
        return tuple(value for value in values if len(value) >= _SHORTEST_SESSION)

    def send(self, plan: RequestPlan, values: Mapping[str, Scalar], *, within: float) -> Answer:
        """The answer to *plan*, filled with *values*, read whole *within* so many seconds.

        Raises:
            NotSet: *values* lack a name.
            Unsendable: a value has no place in a request.
            NeverSent: there was no connection.
            NoAnswer: the connection broke, or the time is over.
        """
        request = self._request(plan, values)
        begun = self._clock()
        for _ in range(MOST_REDIRECTS + 1):
            answer, following = self._exchange(request, begun=begun, within=within)
            if not plan.follow_redirects or following is None:
                return answer
            if not self._is_home(following.url):
                return Answer(
                    answer.status,
                    answer.headers,
                    answer.body,
                    answer.latency_ms,
                    note="it leads to another host, where no journey goes",
                )
            request = following
        raise NoAnswer(f"more than {MOST_REDIRECTS} redirects")

    def _request(self, plan: RequestPlan, values: Mapping[str, Scalar]) -> httpx.Request:
        try:
            path = fill_path(plan.path, values)
        except ValueError as error:
            raise Unsendable(str(error)) from None
        headers = {name: fill_text(text, values) for name, text in plan.headers.items()}
        if odd := sorted(name for name, text in headers.items() if not _is_header(text)):
            raise Unsendable(f"not printable ASCII: header {', '.join(odd)}")
        query = {fill_text(k, values): fill_text(v, values) for k, v in plan.query.items()}
        url = httpx.URL(f"{self._base}".rstrip("/") + path)
        if not self._is_home(url):
            raise Unsendable("the path leads to another host")
        content, kind = _encoded(plan.body, values)
        # The visit's own headers come last: no journey can unmark or re-route itself.
        sent = {**kind, **headers, **self._marks}
        return httpx.Request(plan.method, url, params=query or None, headers=sent, content=content)

    def _prepare(self, request: httpx.Request, seconds: float) -> None:
        """Give *request* the trace's next span, the cookies that belong to it, and its time."""
        request.headers["traceparent"] = f"00-{self._trace}-{self.requests + 1:016x}-01"
        request.headers.pop("cookie", None)
        self._client.cookies.set_cookie_header(request)
        connect = min(seconds / 2, _CONNECT_SECONDS)
        limits = httpx.Timeout(seconds - connect, connect=connect)
        request.extensions["timeout"] = limits.as_dict()

    def _exchange(
        self, request: httpx.Request, *, begun: float, within: float
    ) -> tuple[Answer, httpx.Request | None]:
        left = within - (self._clock() - begun)
        if left <= 0:
            raise NoAnswer(f"none within {within:.1f} s")
        self._prepare(request, left)
        self.requests += 1
        try:
            response = self._client.send(request, stream=True, follow_redirects=False)
            try:
                body = self._read(response, until=begun + within)
            finally:
                response.close()
        # httpx's texts and its request hold what was sent: neither is told nor chained.
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            self.requests -= 1
            raise NeverSent(f"no connection ({type(error).__name__})") from None
        except httpx.TimeoutException:
            raise self._unanswered(f"none within {within:.1f} s") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._unanswered(f"the connection broke ({type(error).__name__})") from None
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.errors += 1
        took = (self._clock() - begun) * 1000
        answer = Answer(response.status_code, response.headers, body, round(took, 1))
        return answer, response.next_request

    def _read(self, response: httpx.Response, *, until: float) -> bytes | None:
        read = bytearray()
        for piece in response.iter_bytes():
            read += piece
            if len(read) > LARGEST_BODY:
                return None
            if self._clock() > until:
                raise httpx.ReadTimeout("the body is not over")
        return bytes(read)

    def _unanswered(self, why: str) -> NoAnswer:
        self.errors += 1
        return NoAnswer(why)

    def _is_home(self, url: httpx.URL) -> bool:
        home = self._base
        return (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)


def _encoded(
    body: Body | None, values: Mapping[str, Scalar]
) -> tuple[bytes | None, dict[str, str]]:
    """The body's bytes, and the header that says what they are."""
    if body is None:
        return None, {}
    filled = fill(body.content, values)
    if body.kind == "json":
        return json.dumps(filled).encode(), {"content-type": "application/json"}
    if body.kind == "form" and isinstance(filled, dict):
        form = httpx.QueryParams({name: as_text(value) for name, value in filled.items()})
        return str(form).encode(), {"content-type": "application/x-www-form-urlencoded"}
    return as_text(filled).encode(), {"content-type": "text/plain; charset=utf-8"}


def _is_header(text: str) -> bool:
    return text.isascii() and all(
        character.isprintable() or character == "\t" for character in text
    )
