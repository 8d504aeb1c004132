"""Takes secrets out of what is told, in the forms in which a service might echo them."""

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from workflows.domain.journeys.report import LONGEST_TEXT

HIDDEN = "***"


class Scrubber:
    """Knows what must not be told; what it returns is short enough for a report."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._hidden: set[str] = set()
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Keep *secret* out of every text from now on."""
        if secret:
            self._hidden |= _forms(secret)

    def __call__(self, text: str) -> str:
        """*text* without secrets, cut afterwards: half a secret would not be recognised."""
        for secret in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
