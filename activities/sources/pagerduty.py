"""Pages and shifts of PagerDuty, over its REST API version 2."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from activities.http import plain, spoken_for
from workflows.domain.errors import Unavailable

_NAME = "PagerDuty"
_TIMEOUT_SECONDS = 10.0
_PAGE = 100
_MOST = 1_000
"""More pages than anybody could bear; the sum of them no longer matters."""


class _Incident(BaseModel):
    id: str
    created_at: AwareDatetime


class _Incidents(BaseModel):
    incidents: tuple[_Incident, ...]
    more: bool = False


class _Shift(BaseModel):
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class _Shifts(BaseModel):
    oncalls: tuple[_Shift, ...]


Read = TypeVar("Read", bound=BaseModel)
Kind: TypeAlias = type[Read]


class PagerDuty:
    """The account at *url*; *token* gives the key of its API at each request."""

    type: ClassVar[str] = "pagerduty"

    def __init__(self, url: str, *, client: httpx.Client, token: Callable[[], str]) -> None:
        self._url = url.rstrip("/")
        self._client = client
        self._token = token

    def pages(self, service: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """Incidents of high urgency: those of low urgency wake nobody."""
        found = {one.id: one.created_at for one in self._incidents(service, since, until)}
        return tuple(sorted(at for at in found.values() if since <= at <= until))

    def shift_began(self, schedule: str, *, at: datetime) -> datetime | None:
        asked = {"schedule_ids[]": schedule, "since": at.isoformat(), "until": at.isoformat()}
        told = self._get("oncalls", asked, _Shifts).oncalls
        began = [shift.start for shift in told if shift.start is not None and shift.start <= at]
        return max(began, default=None)

    def _incidents(self, service: str, since: datetime, until: datetime) -> Iterator[_Incident]:
        offset = 0
        while offset < _MOST:
            asked = {
                "service_ids[]": service,
                "urgencies[]": "high",
                "since": since.isoformat(),
                "until": until.isoformat(),
                "time_zone": "UTC",
                "limit": str(_PAGE),
                "offset": str(offset),
            }
            told = self._get("incidents", asked, _Incidents)
            yield from told.incidents
            if not told.more or not told.incidents:
                return
            # It may give fewer at once than it was asked for.
            offset += len(told.incidents)

    def _get(self, what: str, asked: Mapping[str, str], model: Kind[Read]) -> Read:
        with spoken_for(_NAME):
            answer = self._client.get(
                f"{self._url}/{what}",
                params=dict(asked),
                headers={
                    "Authorization": f"Token token={self._token()}",
                    "Accept": "application/vnd.pagerduty+json;version=2",
                },
                timeout=_TIMEOUT_SECONDS,
            )
            answer.raise_for_status()
        return _read(answer, model)


def _read(answer: httpx.Response, model: Kind[Read]) -> Read:
    try:
        told: Any = answer.json()
        return model.model_validate(told)
    except (ValueError, ValidationError):
        where = plain(answer.request.url)
        raise Unavailable(f"{_NAME} at {where} answered with what is none of its pages") from None
