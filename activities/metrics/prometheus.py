"""Asks a Prometheus server, which scrapes the Envoys of all environments."""

import json
import re
from typing import Any, ClassVar, NoReturn

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from activities.http import plain, spoken_for
from activities.metrics.source import CLUSTER, LATENCY, REQUESTS, UPTIME, Sample, counts
from workflows.domain.errors import Unavailable
from workflows.ports.metrics import Window

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 5.0
_NAME = "__name__"


class _Series(BaseModel):
    """One series of an instant vector: its labels, and (seconds of the epoch, number as text)."""

    metric: dict[str, str]
    value: tuple[float, float]


class _Result(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    """What `/api/v1/query` answers with `status: success`."""

    data: _Result
    warnings: list[str] = []


class PrometheusMetrics:
    """One environment's Envoy in a Prometheus, told from others by the label `environment`.

    An answer without a series is two things to Prometheus, which are told apart here: a version
    that served nothing yet counts as zeros; an environment of which there is no sample at all
    cannot be judged.
    """

    type: ClassVar[str] = "prometheus"

    def __init__(self, url: str, *, environment: str, client: httpx.Client) -> None:
        self._query = f"{url.rstrip('/')}/api/v1/query"
        self._environment = environment
        self._client = client

    def read(self, *, canary: str, baseline: str) -> Window:
        at, since = self._started()
        arms = "|".join(re.escape(arm) for arm in (canary, baseline))
        found = self._ask(
            f'{{{_NAME}=~"{REQUESTS}|{LATENCY}",environment={json.dumps(self._environment)},'
            f"{CLUSTER}=~{json.dumps(arms)}}}",
            at=at,
        )
        samples = [Sample(s.metric.get(_NAME, ""), s.metric, s.value[1]) for s in found]
        return Window(
            at=at,
            canary=counts(canary, samples, since=since),
            baseline=counts(baseline, samples, since=since),
        )

    def _started(self) -> tuple[float, float]:
        """Now by the server's clock, and when the environment's Envoy began to count."""
        uptime = f"{UPTIME}{{environment={json.dumps(self._environment)}}}"
        found = self._ask(f"timestamp({uptime}) - {uptime}", at=None)
        if not found:
            raise Unavailable(
                f"Prometheus at {self._shown} has no sample of {UPTIME} with the label "
                f"environment={self._environment}: is that Envoy up, and scraped so labelled?"
            )
        return found[0].value[0], max(series.value[1] for series in found)

    def _ask(self, query: str, *, at: float | None) -> list[_Series]:
        asked = {"query": query} if at is None else {"query": query, "time": f"{at:.3f}"}
        with spoken_for("Prometheus"):
            answer = self._client.get(self._query, params=asked, timeout=_TIMEOUT_SECONDS)
            self._refuse_errors(answer)
            answer.raise_for_status()
        try:
            spoken = _Answer.model_validate_json(answer.content)
        except ValidationError:
            self._fail("answered in a form that is not its HTTP API's")
        if spoken.warnings:
            log.warning("prometheus_warned", warnings=spoken.warnings, query=query)
        return spoken.data.result

    def _refuse_errors(self, answer: httpx.Response) -> None:
        """Prometheus says why in the body, under several statuses; a proxy's page has no such."""
        try:
            said: Any = answer.json()
        except ValueError:
            return
        if isinstance(said, dict) and said.get("status") == "error":
            self._fail(f"answered {said.get('errorType')}: {said.get('error')}")

    def _fail(self, why: str) -> NoReturn:
        raise Unavailable(f"Prometheus at {self._shown} {why}")

    @property
    def _shown(self) -> str:
        return plain(httpx.URL(self._query))
