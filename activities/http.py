"""httpx's errors in the release's words, translated once, where the other system failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx

from workflows.domain.errors import Refused, ReleaseError, TargetMissing, Unavailable

_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_UNASKABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects)


@contextmanager
def spoken_for(system: str) -> Iterator[None]:
    """Requests within fail as a release fails; *system* is what the message calls the other side.

    Call `raise_for_status` inside. Messages hold the address without user name, password and
    query, and never a body; httpx's own error is not chained, because its text holds all of them.

    Raises:
        Unavailable: no connection, no answer in time, or an answer that may be better later
            (5xx, 408, 425, 429).
        TargetMissing: 404.
        Refused: any other answer but success, or an address that cannot be asked.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _by_status(system, error.response) from None
    except httpx.InvalidURL as error:
        raise Refused(f"{system} has no usable address: {error}") from None
    except httpx.RequestError as error:
        raise _by_request(system, error) from None


def plain(url: httpx.URL) -> str:
    """The address as it may be shown: without user name, password, query and fragment."""
    return str(httpx.URL(scheme=url.scheme, host=url.host, port=url.port, path=url.path))


def _by_status(system: str, response: httpx.Response) -> ReleaseError:
    status = response.status_code
    where = f"{response.request.method} {plain(response.request.url)}"
    said = f"{system} answered {status} {response.reason_phrase} to {where}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        return Unavailable(said)
    return TargetMissing(said) if status == HTTPStatus.NOT_FOUND else Refused(said)


def _by_request(system: str, error: httpx.RequestError) -> ReleaseError:
    where = plain(error.request.url)
    if isinstance(error, _UNASKABLE):
        return Refused(f"{system} at {where} cannot be asked ({type(error).__name__})")
    if isinstance(error, httpx.TimeoutException):
        return Unavailable(f"{system} at {where} did not answer in time ({type(error).__name__})")
    return Unavailable(f"{system} at {where} cannot be reached ({type(error).__name__})")
