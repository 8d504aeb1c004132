"""The questions of Prometheus's HTTP API that are asked here, each at a fixed moment."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import httpx
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from activities.http import plain, spoken_for
from workflows.domain.errors import Refused, Unavailable

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 5.0
# What the server calls a question that will never have an answer.
_OUR_FAULT = "bad_data"

Point = tuple[float, float]
"""Seconds of the epoch, and a number that may be none."""


class Series(BaseModel):
    """One series: its labels, and its only value or all its points."""

    metric: dict[str, str]
    value: Point = (0.0, 0.0)
    values: list[Point] = []


class _Data(BaseModel):
    result: list[Series]


class _Number(BaseModel):
    result: Point


Read = TypeVar("Read")

_SERIES = TypeAdapter(list[dict[str, str]])


class _Answer(BaseModel):
    """What the API answers with `status: success`."""

    data: Any
    warnings: list[str] = []


class PrometheusApi:
    """One server. A list given as *warnings* takes what the server warns of.

    Every question may raise Unavailable (no answer, an error that may pass, another system's
    page) or Refused (our access or our question is wrong).
    """

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url = url.rstrip("/")
        self._client = client

    @property
    def shown(self) -> str:
        return plain(httpx.URL(self._url))

    def now(self) -> float:
        """The server's clock, whatever ours says."""
        answer = self._ask("query", {"query": "time()"}, [])
        return self._read(_Number.model_validate, answer).result[1]

    def vector(self, query: str, *, at: float | None, warnings: list[str]) -> list[Series]:
        """What *query* gives at *at*, or now: a value for each series, or points for a range."""
        asked = {"query": query} if at is None else {"query": query, "time": f"{at:.3f}"}
        answer = self._ask("query", asked, warnings)
        return self._read(_Data.model_validate, answer).result

    def has_series(self, selector: str, *, until: float) -> bool:
        """Whether the server remembers any such series from before *until*, however old."""
        asked = {"match[]": selector, "end": f"{until:.3f}", "limit": "1"}
        return bool(self._read(_SERIES.validate_python, self._ask("series", asked, [])))

    def _ask(self, path: str, asked: dict[str, str], warnings: list[str]) -> Any:
        page = f"{self._url}/api/v1/{path}"
        with spoken_for("Prometheus"):
            answer = self._client.get(page, params=asked, timeout=_TIMEOUT_SECONDS)
            self._refuse_errors(answer)
            answer.raise_for_status()
        spoken = self._read(_Answer.model_validate_json, answer.content)
        if spoken.warnings:
            warnings += spoken.warnings
            log.warning("prometheus_warned", warnings=spoken.warnings, **asked)
        return spoken.data

    def _read(self, parse: Callable[[Any], Read], raw: Any) -> Read:
        try:
            return parse(raw)
        except ValidationError:
            self._fail("answered in a form that is not its HTTP API's")

    def _refuse_errors(self, answer: httpx.Response) -> None:
        """Prometheus says why in the body, under several statuses; a proxy's page has no such."""
        try:
            said: Any = answer.json()
        except ValueError:
            return
        if isinstance(said, dict) and said.get("status") == "error":
            why = f"answered {said.get('errorType')}: {said.get('error')}"
            if said.get("errorType") == _OUR_FAULT:
                raise Refused(f"Prometheus at {self.shown} {why}")
            self._fail(why)

    def _fail(self, why: str) -> NoReturn:
        raise Unavailable(f"Prometheus at {self.shown} {why}")


def selector(labels: Mapping[str, str], *more: str) -> str:
    """The selector of series that carry *labels* and match all of *more*."""
    exact = [f"{label}={json.dumps(value)}" for label, value in labels.items()]
    return f"{{{','.join([*exact, *more])}}}"
