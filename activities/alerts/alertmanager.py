"""Prometheus' Alertmanager, over its API version 2."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from activities.alerts.manager import Silence
from activities.http import plain, spoken_for
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.watching.silences import FiringAlert, Matcher

_TIMEOUT_SECONDS = 3.0
_NAME = "Alertmanager"
_EXPIRED = "expired"

T = TypeVar("T")


class _Sent(BaseModel):
    """What its API spells in camelCase."""

    model_config = ConfigDict(populate_by_name=True)


class _Matcher(_Sent):
    name: str
    value: str
    regex: bool = Field(alias="isRegex")
    equal: bool = Field(default=True, alias="isEqual")


class _State(_Sent):
    state: str
    silenced_by: tuple[str, ...] = Field(default=(), alias="silencedBy")


class _Silence(_Sent):
    id: str
    status: _State
    matchers: tuple[_Matcher, ...]
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")
    created_by: str = Field(alias="createdBy")
    comment: str


class _Alert(_Sent):
    fingerprint: str
    status: _State
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime = Field(alias="startsAt")


class _Put(_Sent):
    id: str = Field(alias="silenceID")


class _Series(BaseModel):
    value: tuple[float, float]


class _Vector(BaseModel):
    result: tuple[_Series, ...]


class _Queried(BaseModel):
    data: _Vector


_SILENCES = TypeAdapter(tuple[_Silence, ...])
_ALERTS = TypeAdapter(tuple[_Alert, ...])
_PUT = TypeAdapter(_Put)
_QUERIED = TypeAdapter(_Queried)


class Alertmanager:
    """The Alertmanager at *url*; sizes are asked of the Prometheus at *prometheus*, if any.

    *token* is asked for what to show at each request; without one nothing is shown.
    """

    type: ClassVar[str] = "alertmanager"

    def __init__(
        self,
        url: str,
        *,
        client: httpx.Client,
        token: Callable[[], str] | None = None,
        prometheus: str | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._client = client
        self._token = token
        self._prometheus = prometheus.rstrip("/") if prometheus else None

    def put(self, silence: Silence) -> str:
        body: dict[str, Any] = {
            "matchers": [_spelt(matcher) for matcher in silence.matchers],
            "startsAt": silence.starts_at.isoformat(),
            "endsAt": silence.ends_at.isoformat(),
            "createdBy": silence.created_by,
            "comment": silence.comment,
        }
        if silence.id is not None:
            body["id"] = silence.id
        return self._read(_PUT, self._ask("POST", "/api/v2/silences", json=body)).id

    def silences(self) -> tuple[Silence, ...]:
        found = self._read(_SILENCES, self._ask("GET", "/api/v2/silences"))
        return tuple(
            Silence(
                tuple(
                    Matcher(name=m.name, value=m.value, regex=m.regex, equal=m.equal)
                    for m in one.matchers
                ),
                one.starts_at,
                one.ends_at,
                one.created_by,
                one.comment,
                one.id,
            )
            for one in found
            if one.status.state != _EXPIRED
        )

    def expire(self, silence: str) -> None:
        """Its answer to ending what has ended is an error of its own, so it is looked at first."""
        if any(one.id == silence for one in self.silences()):
            self._ask("DELETE", f"/api/v2/silence/{silence}")

    def silenced(self, about: Sequence[Matcher]) -> tuple[FiringAlert, ...]:
        kinds = {
            "active": "false",
            "silenced": "true",
            "inhibited": "true",
            "unprocessed": "false",
        }
        filters = [f"{m.name}={json.dumps(m.value, ensure_ascii=False)}" for m in about]
        answer = self._ask("GET", "/api/v2/alerts", params={**kinds, "filter": filters})
        return tuple(
            FiringAlert(
                fingerprint=one.fingerprint,
                labels=one.labels,
                annotations=one.annotations,
                starts_at=one.starts_at,
                silenced_by=one.status.silenced_by,
            )
            for one in self._read(_ALERTS, answer)
            if one.status.silenced_by
        )

    def fire(
        self,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        alert = {
            "labels": dict(labels),
            "annotations": dict(annotations),
            "startsAt": starts_at.isoformat(),
            "endsAt": ends_at.isoformat(),
        }
        self._ask("POST", "/api/v2/alerts", json=[alert])

    def measure(self, query: str) -> float | None:
        if self._prometheus is None:
            raise Refused(
                f"{_NAME} at {plain(httpx.URL(self._url))} has no `prometheus` in the worker's "
                f"settings that could be asked: {query}"
            )
        with spoken_for("Prometheus"):
            answer = self._client.get(
                f"{self._prometheus}/api/v1/query",
                params={"query": query},
                timeout=_TIMEOUT_SECONDS,
            )
            answer.raise_for_status()
        values = [series.value[1] for series in self._read(_QUERIED, answer).data.result]
        # One that is no number must not hide behind another that is.
        return next((v for v in values if math.isnan(v)), max(values, default=None))

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        shown = {"Authorization": f"Bearer {self._token()}"} if self._token else {}
        with spoken_for(_NAME):
            answer = self._client.request(
                method, self._url + path, headers=shown, timeout=_TIMEOUT_SECONDS, **more
            )
            if answer.status_code == HTTPStatus.BAD_REQUEST:
                raise Refused(f"{_NAME} refuses {method} {path}: {answer.text[:300]}")
            answer.raise_for_status()
        return answer

    def _read(self, form: TypeAdapter[T], answer: httpx.Response) -> T:
        try:
            return form.validate_json(answer.content)
        except ValidationError:
            where = plain(answer.request.url)
        raise Unavailable(f"{where} answered in a form that is not its API's")


def _spelt(matcher: Matcher) -> dict[str, Any]:
    return {
        "name": matcher.name,
        "value": matcher.value,
        "isRegex": matcher.regex,
        "isEqual": matcher.equal,
    }
