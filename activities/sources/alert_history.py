"""Pages as Prometheus remembers them: an Alertmanager itself forgets what is over."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel, ValidationError

from activities.http import plain, spoken_for
from workflows.domain.errors import Refused, Unavailable

_NAME = "Prometheus"
_TIMEOUT_SECONDS = 10.0
_STEP = timedelta(minutes=1)
_LOOK = timedelta(minutes=30)
_ENOUGH = 0.9

Point = tuple[float, str]


class _Series(BaseModel):
    metric: dict[str, str]
    values: tuple[Point, ...]


class _Matrix(BaseModel):
    result: tuple[_Series, ...]


class _Answer(BaseModel):
    data: _Matrix


class AlertHistory:
    """The alerts that page, in the series `ALERTS` of the Prometheus at *url*.

    *labels* are what an alert carries that goes to the pager, such as `severity="page"`; the
    service is in the label *service_label*. An alert that begins to fire is a page, however long
    it goes on; one that stops for less than a minute has not stopped.
    """

    type: ClassVar[str] = "prometheus"

    def __init__(
        self,
        url: str,
        *,
        client: httpx.Client,
        labels: Mapping[str, str],
        service_label: str = "service",
        token: Callable[[], str] | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._client = client
        self._labels = dict(labels)
        self._service_label = service_label
        self._token = token

    def pages(self, service: str, *, since: datetime, until: datetime) -> tuple[datetime, ...]:
        self._remembers(since, until)
        wanted = {**self._labels, self._service_label: service, "alertstate": "firing"}
        selector = ",".join(f"{name}={_quoted(value)}" for name, value in sorted(wanted.items()))
        # From a minute earlier: what fired already then did not begin now.
        told = self._range(f"ALERTS{{{selector}}}", since - _STEP, until, step=_STEP)
        began = (at for series in told for at in _onsets(series.values))
        return tuple(sorted(at for at in began if since <= at <= until))

    def shift_began(self, schedule: str, *, at: datetime) -> datetime | None:
        raise Refused(
            f"alerts tell of no schedule {schedule} at {at:%Y-%m-%d}: leave `schedule` out, or "
            "name a pager that keeps schedules"
        )

    def _remembers(self, since: datetime, until: datetime) -> None:
        """Raise unless it was there all the time: that it knows no alert would mean nothing."""
        told = self._range("count(up)", since, until, step=_LOOK)
        looks = (until - since) // _LOOK + 1
        seen = max((len(series.values) for series in told), default=0)
        if seen < _ENOUGH * looks:
            raise Refused(
                f"{_NAME} has nothing to tell of {looks - seen} of the {looks} half hours since "
                f"{since:%Y-%m-%d %H:%MZ}: whether somebody was paged then is not known"
            )

    def _range(
        self, query: str, since: datetime, until: datetime, *, step: timedelta
    ) -> tuple[_Series, ...]:
        asked = {
            "query": query,
            "start": f"{since.timestamp():.3f}",
            "end": f"{until.timestamp():.3f}",
            "step": f"{step.total_seconds():.0f}",
        }
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token()}"}
        with spoken_for(_NAME):
            answer = self._client.get(
                f"{self._url}/api/v1/query_range",
                params=asked,
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
            )
            answer.raise_for_status()
        try:
            told: Any = answer.json()
            return _Answer.model_validate(told).data.result
        except (ValueError, ValidationError):
            where = plain(answer.request.url)
            raise Unavailable(f"{_NAME} at {where} answered with what is no matrix") from None


def _onsets(points: tuple[Point, ...]) -> list[datetime]:
    """The moments at which a series begins, or begins again after a gap.

    The first point of all counts: what fired before the range has a point before it, too.
    """
    gap = 1.5 * _STEP.total_seconds()
    moments = [seconds for seconds, _ in points]
    before = [float("-inf"), *moments[:-1]]
    began = [now for now, last in zip(moments, before, strict=True) if now - last > gap]
    return [datetime.fromtimestamp(seconds, UTC) for seconds in began]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
