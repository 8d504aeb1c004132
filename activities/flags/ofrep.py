"""Which variant a flag has for whoever asks, by OpenFeature's remote evaluation protocol."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from activities.http import spoken_for
from workflows.domain.errors import Unavailable


class Ofrep:
    """An endpoint of the protocol, such as flagd's; see Evaluator."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url = url.rstrip("/")
        self._client = client

    def variant(self, key: str, context: dict[str, str]) -> str | None:
        """See Evaluator."""
        where = f"{self._url}/ofrep/v1/evaluate/flags/{quote(key, safe='')}"
        with spoken_for("the flags' evaluation endpoint"):
            answer = self._client.post(where, json={"context": context})
            # A flag that is new to it: it may not have read the definitions yet.
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            answer.raise_for_status()
        return _variant(answer)


def _variant(answer: httpx.Response) -> str | None:
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Unavailable("the flags' evaluation endpoint answered 200 without a JSON object")
    variant = said.get("variant")
    return variant if isinstance(variant, str) else None
