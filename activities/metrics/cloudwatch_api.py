"""CloudWatch's answers to many questions at once: whole, or an error that says what is missing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from activities.aws import in_release_words
from activities.metrics.cloudwatch_client import CloudWatch
from workflows.domain.errors import Refused, Unavailable

_QUESTIONS_AT_ONCE = 500

Points = Mapping[float, float]
"""One number for each period that has any, by the second at which the period begins."""


class Question(NamedTuple):
    """One statistic of one metric."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str

    def __str__(self) -> str:
        told = ",".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.stat} of {self.namespace}/{self.metric}{{{told}}}"


class CloudWatchApi:
    """Every question may raise Unavailable (throttled, not whole, a fault) or Refused."""

    def __init__(self, client: Callable[[], CloudWatch], *, period: int) -> None:
        self._client = client
        self._period = period

    def ask(
        self, questions: Sequence[Question], *, start: float, end: float, warnings: list[str]
    ) -> dict[Question, Points]:
        """The points of all periods that begin in [start, end)."""
        found: dict[Question, dict[float, float]] = {question: {} for question in questions}
        for first in range(0, len(questions), _QUESTIONS_AT_ONCE):
            some = questions[first : first + _QUESTIONS_AT_ONCE]
            ids = {f"q{number}": question for number, question in enumerate(some)}
            for question, result in self._results(ids, start, end, warnings):
                moments = (moment.timestamp() for moment in result["Timestamps"])
                found[question].update(zip(moments, result["Values"], strict=True))
        return dict(found)

    def knows(self, question: Question) -> bool:
        """Whether any version's metric like this one has had a point in the last two weeks."""
        with in_release_words(f"CloudWatch metrics {question}"):
            answer = self._client().list_metrics(
                Namespace=question.namespace,
                MetricName=question.metric,
                Dimensions=_dimensions(question),
            )
        return bool(answer["Metrics"])

    def _results(
        self, ids: Mapping[str, Question], start: float, end: float, warnings: list[str]
    ) -> Iterator[tuple[Question, Mapping[str, Any]]]:
        """Each page's results; the last word on each question must be that it is complete."""
        asked: dict[str, Any] = {
            "MetricDataQueries": [self._query(name, each) for name, each in ids.items()],
            "StartTime": datetime.fromtimestamp(start, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
            "ScanBy": "TimestampAscending",
        }
        status: dict[str, str] = {}
        while True:
            with in_release_words("CloudWatch GetMetricData"):
                answer = self._client().get_metric_data(**asked)
            warnings.extend(_said(answer))
            for result in answer["MetricDataResults"]:
                status[result["Id"]] = result["StatusCode"]
                warnings.extend(_said(result))
                yield ids[result["Id"]], result
            token = answer.get("NextToken")
            if not token:
                break
            asked["NextToken"] = token
        for name, question in ids.items():
            _expect_complete(question, status.get(name, "missing"))

    def _query(self, name: str, question: Question) -> dict[str, Any]:
        metric = {
            "Namespace": question.namespace,
            "MetricName": question.metric,
            "Dimensions": _dimensions(question),
        }
        stat = {"Metric": metric, "Period": self._period, "Stat": question.stat}
        return {"Id": name, "MetricStat": stat, "ReturnData": True}


def _dimensions(question: Question) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in question.dimensions]


def _expect_complete(question: Question, status: str) -> None:
    """Half an answer would be a canary with half the errors."""
    if status == "Forbidden":
        raise Refused(
            f"CloudWatch does not let us read {question}: allow cloudwatch:GetMetricData"
        )
    if status != "Complete":
        raise Unavailable(f"CloudWatch's answer to {question} is not whole: {status}")


def _said(part: Mapping[str, Any]) -> list[str]:
    return [f"CloudWatch: {m.get('Code')}: {m.get('Value')}" for m in part.get("Messages", ())]
