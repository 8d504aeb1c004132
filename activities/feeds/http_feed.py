"""One iCalendar feed over HTTP: asked whether it has changed, and read up to a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from activities.http import plain, spoken_for
from workflows.domain.errors import Refused

LARGEST = 2 * 1024 * 1024
"""Bytes of a calendar; a longer one is not read to its end."""


@dataclass(frozen=True)
class Copy:
    """The text of a feed, and what the server calls this state of it."""

    text: str
    etag: str | None


class HttpFeed:
    """A feed at *url*; *token* is what it is shown, where it wants one."""

    def __init__(
        self, url: str, client: httpx.Client, *, token: Callable[[], str] | None = None
    ) -> None:
        self._url = url
        self._client = client
        self._token = token

    @property
    def shown(self) -> str:
        return plain(httpx.URL(self._url))

    def fetch(self, known: Copy | None) -> Copy:
        """The feed as it is now; *known* itself where that has not changed.

        Raises:
            Unavailable: it does not answer, or answers that it cannot now.
            Refused: it answers with something that is no calendar, or is too long.
        """
        with (
            spoken_for(f"the calendar feed at {self.shown}"),
            self._client.stream("GET", self._url, headers=self._headers(known)) as response,
        ):
            if response.status_code == HTTPStatus.NOT_MODIFIED and known is not None:
                return known
            response.raise_for_status()
            raw = bytearray()
            for part in response.iter_bytes():
                raw += part
                if len(raw) > LARGEST:
                    raise Refused(f"{self.shown} is longer than {LARGEST // 1024} KiB")
            return Copy(_text(bytes(raw), self.shown), response.headers.get("etag"))

    def _headers(self, known: Copy | None) -> dict[str, str]:
        headers = {"Accept": "text/calendar"}
        if known is not None and known.etag is not None:
            headers["If-None-Match"] = known.etag
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        return headers


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{where} is not UTF-8 text, as RFC 5545 asks for") from error
