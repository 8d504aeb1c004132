"""Data checks that find what the test says."""

from workflows.domain.errors import DataInconsistent
from workflows.ports.databases import CheckData, DatabasesPort, DataFinding, DataReport


class FakeDatabases(DatabasesPort):
    """`findings` maps a check's name to the number it finds; others find what they expect."""

    def __init__(self) -> None:
        self.findings: dict[str, int] = {}
        self.failures: list[Exception] = []
        self.asked: list[CheckData] = []

    def check_data(self, ask: CheckData) -> DataReport:
        self.asked.append(ask)
        if self.failures:
            raise self.failures.pop(0)
        found = tuple(
            DataFinding(
                name=rule.name,
                expected=rule.expect,
                found=self.findings.get(rule.name, rule.expect),
            )
            for rule in ask.rules
        )
        if wrong := [finding for finding in found if finding.found != finding.expected]:
            raise DataInconsistent(f"data of {ask.target}: {wrong[0]}")
        return DataReport(findings=found)
