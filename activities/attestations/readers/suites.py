"""Test results: JUnit's XML in its many dialects, and in-toto's test-result predicate."""

from collections import Counter
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

from pydantic import BaseModel, Field, JsonValue

from activities.attestations.readers.moments import latest, moment
from activities.attestations.readers.unreadable import Unreadable, local, parsed
from workflows.domain.attestations.attestation import Reading
from workflows.domain.attestations.figures import (
    SuiteFigures,
)
from workflows.domain.attestations.types import EvidenceType

ROOTS = frozenset({"testsuites", "testsuite"})

_FAILED = frozenset({"failure", "error"})
_FLAKY = frozenset({"flakyFailure", "flakyError"})
_NOT_RUN = frozenset({"notrun", "suppressed", "skipped", "disabled"})

Verdict: TypeAlias = Literal["passed", "failed", "flaky", "skipped"]
_CLAIMS: dict[str, tuple[Verdict, ...]] = {
    "tests": ("passed", "flaky", "failed", "skipped"),
    "failures": ("failed",),
    "errors": ("failed",),
}


def read_junit(root: Element) -> Reading:
    """What the cases themselves say; a suite that claims more cases than it has was cut off.

    Raises:
        Unreadable: a count is no number, or is not borne out by the cases.
    """
    cases = _counted(root)
    suites = [each for each in root.iter() if local(each) == "testsuite"]
    failed, flaky = cases["failed"], cases["flaky"]
    return Reading(
        type=EvidenceType.TEST_RESULT,
        produced_at=latest(moment(each.get("timestamp")) for each in [root, *suites]),
        figures=SuiteFigures(
            result="FAILED" if failed else "WARNED" if flaky else "PASSED",
            passed=cases["passed"] + flaky,
            failed=failed,
            skipped=cases["skipped"],
            warned=flaky,
            suite=_name(root, suites)[:200],
        ),
    )


def _verdict(case: Element) -> Verdict:
    inside = {local(each) for each in case}
    if inside & _FAILED:
        return "failed"
    said = {case.get("status", "").lower(), case.get("result", "").lower()}
    if "skipped" in inside or said & _NOT_RUN:
        return "skipped"
    return "flaky" if inside & _FLAKY else "passed"


def _counted(root: Element) -> Counter[Verdict]:
    """The cases below *root*, each once; every suite is held to what it claims on the way.

    Each element is looked at once, however deep suites are nested.
    """
    totals: dict[Element, Counter[Verdict]] = {}
    ahead = [(root, False)]
    while ahead:
        element, entered = ahead.pop()
        if not entered:
            ahead.append((element, True))
            ahead += [(each, False) for each in element]
            continue
        total = totals[element] = Counter()
        for each in element:
            total.update(totals.pop(each))
        if local(element) == "testcase":
            total[_verdict(element)] += 1
        elif local(element) == "testsuite":
            _keep_to_claims(element, total)
    return totals[root]


def _keep_to_claims(suite: Element, found: Counter[Verdict]) -> None:
    for claim, kinds in _CLAIMS.items():
        claimed = _number(suite, claim)
        counted = sum(found[kind] for kind in kinds)
        if claimed > counted:
            raise Unreadable(
                f"JUnit: suite {suite.get('name', '')[:100]!r} claims {claimed} {claim} and holds "
                f"{counted}: the file is not whole"
            )


def _number(suite: Element, attribute: str) -> int:
    written = suite.get(attribute, "").strip()
    if not written:
        return 0
    if not (written.isascii() and written.isdigit()) or len(written) > 9:
        raise Unreadable(f"JUnit: {attribute}={written[:40]!r} is no count")
    return int(written)


def _name(root: Element, suites: list[Element]) -> str:
    named = root.get("name", "")
    return suites[0].get("name", "") if not named and len(suites) == 1 else named


class _Resource(BaseModel):
    name: str = ""
    uri: str = ""


class _TestResult(BaseModel):
    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: list[_Resource] = Field(max_length=1000)
    passed: list[str] | None = Field(default=None, alias="passedTests")
    warned: list[str] | None = Field(default=None, alias="warnedTests")
    failed: list[str] | None = Field(default=None, alias="failedTests")


def read_test_result(predicate: JsonValue) -> Reading:
    """See https://in-toto.io/attestation/test-result/v0.1; only tests that are listed count."""
    found = parsed(_TestResult, predicate, "test-result")
    named = next((each.name or each.uri for each in found.configuration), "")
    return Reading(
        type=EvidenceType.TEST_RESULT,
        figures=SuiteFigures(
            result=found.result,
            passed=len(found.passed or ()) + len(found.warned or ()),
            failed=len(found.failed or ()),
            warned=len(found.warned or ()),
            suite=named[:200],
        ),
    )
