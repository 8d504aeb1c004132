"""SARIF 2.1.0: what analysers found, what of it is new, and what somebody has suppressed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field, JsonValue

from activities.attestations.readers.moments import latest, moment
from activities.attestations.readers.unreadable import parsed
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    AnalysisFigures,
    ResultCount,
)
from workflows.domain.attestations.types import EvidenceType

Level: TypeAlias = Literal["none", "note", "warning", "error"]
LEVELS: tuple[Level, ...] = ("none", "note", "warning", "error")

# A result that its baseline had as well; without a word on it, it is new.
_KNOWN = frozenset({"unchanged", "updated"})
_GONE = "absent"


class _Configuration(BaseModel):
    level: Level = "warning"


class _Rule(BaseModel):
    id: str = ""
    configuration: _Configuration = Field(default=_Configuration(), alias="defaultConfiguration")


class _Driver(BaseModel):
    name: str
    rules: list[_Rule] = []


class _Tool(BaseModel):
    driver: _Driver


class _Suppression(BaseModel):
    status: Literal["accepted", "underReview", "rejected"] = "accepted"


class _RuleReference(BaseModel):
    id: str | None = None
    index: int = -1


class _Result(BaseModel):
    rule_id: str | None = Field(default=None, alias="ruleId")
    rule_index: int = Field(default=-1, alias="ruleIndex")
    rule: _RuleReference = _RuleReference()
    kind: Literal["notApplicable", "pass", "fail", "review", "open", "informational"] = "fail"
    level: Level | None = None
    baseline_state: Literal["new", "unchanged", "updated", "absent"] | None = Field(
        default=None, alias="baselineState"
    )
    suppressions: list[_Suppression] | None = None


class _Invocation(BaseModel):
    succeeded: bool = Field(alias="executionSuccessful")
    ended_at: str | None = Field(default=None, alias="endTimeUtc")


class _External(BaseModel):
    results: list[JsonValue] = []


class _Run(BaseModel):
    tool: _Tool
    results: list[_Result] | None = None
    invocations: list[_Invocation] = []
    external: _External = Field(default=_External(), alias="externalPropertyFileReferences")


class _Log(BaseModel):
    version: Literal["2.1.0"]
    runs: Annotated[list[_Run], Field(min_length=1, max_length=100)]


def read_sarif(document: JsonValue) -> Reading:
    """Every result of every run; a run that failed, or has no list of results, proves nothing.

    Raises:
        Unreadable: not SARIF 2.1.0.
    """
    log = parsed(_Log, document, "SARIF")
    new: Counter[Level] = Counter()
    known: Counter[Level] = Counter()
    suppressed = 0
    for run in log.runs:
        levels = {rule.id: rule.configuration.level for rule in run.tool.driver.rules if rule.id}
        for result in run.results or ():
            if result.baseline_state == _GONE:
                continue
            if _is_suppressed(result):
                suppressed += 1
            else:
                (known if result.baseline_state in _KNOWN else new)[
                    _level(result, run.tool.driver.rules, levels)
                ] += 1
    tools = dict.fromkeys(run.tool.driver.name for run in log.runs)
    return Reading(
        type=EvidenceType.SARIF,
        produced_at=latest(moment(i.ended_at) for run in log.runs for i in run.invocations),
        figures=AnalysisFigures(
            tool=", ".join(tools)[:200],
            results=tuple(
                ResultCount(level=level, new=new[level], known=known[level]) for level in LEVELS
            ),
            suppressed=suppressed,
            incomplete="; ".join(_gaps(log))[:200],
        ),
    )


def _gaps(log: _Log) -> Iterator[str]:
    for run in log.runs:
        name = run.tool.driver.name[:60]
        if run.external.results:
            yield f"results of {name} are in other files"
        elif run.results is None:
            yield f"{name} has no list of results"
        if not all(each.succeeded for each in run.invocations):
            yield f"{name} did not run to its end"


def _is_suppressed(result: _Result) -> bool:
    """Suppressed, and nobody disputes or still reviews it (SARIF 2.1.0, 3.27.23)."""
    listed = result.suppressions or ()
    return bool(listed) and all(each.status == "accepted" for each in listed)


def _level(result: _Result, rules: list[_Rule], levels: Mapping[str, Level]) -> Level:
    """The result's own level, else its rule's, else `warning` (SARIF 2.1.0, 3.27.10)."""
    if result.level is not None:
        return result.level
    if result.kind != "fail":
        return "none"
    index = result.rule_index if result.rule_index >= 0 else result.rule.index
    if 0 <= index < len(rules):
        return rules[index].configuration.level
    return levels.get(result.rule_id or result.rule.id or "", "warning")
