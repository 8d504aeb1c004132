"""Filing what came of releases, and asking what that says of the next one."""

from abc import abstractmethod
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from workflows.domain.names import Queue
from workflows.domain.release.outcomes import Closing, EndedRelease
from workflows.domain.risk.facts import Retrospective, Standing, Tally
from workflows.domain.spec import RiskModelSpec
from workflows.domain.values import Digest, Value, short
from workflows.ports.base import Message, Port, limited


class ReadStanding(Message):
    """What does the past say of a release of *pattern* and *services*, at *at*?

    Outcomes are scored anew under *model*, whatever model they were admitted by.
    """

    pattern: Digest
    services: Annotated[tuple[str, ...], Field(max_length=50)]
    model: RiskModelSpec
    at: AwareDatetime

    def __str__(self) -> str:
        return f"read what the ledger knows of pattern {short(self.pattern)}"


class RecordOutcome(Message):
    """File how *ended* ended."""

    ended: EndedRelease

    def __str__(self) -> str:
        return f"file that {self.ended.release} ended as {self.ended.phase}"


class Filed(Value):
    """What was filed, and the retrospective that it opened."""

    ending: str
    owes: Retrospective | None = None

    def __str__(self) -> str:
        if self.owes is None:
            return self.ending
        due = f", due {self.owes.due_at:%Y-%m-%d %H:%MZ}" if self.owes.due_at else ""
        return f"{self.ending}; a retrospective is open{due}"


class CloseRetrospective(Message):
    """Take down what somebody found when they looked into a release."""

    closing: Closing

    def __str__(self) -> str:
        return f"close the retrospective of {self.closing.release}"


class ListRetrospectives(Message):
    """Which retrospectives are open, the longest overdue first?"""

    limit: int = 100

    def __str__(self) -> str:
        return "list the open retrospectives"


class OpenRetrospectives(Value):
    """Those that nobody has closed."""

    owed: tuple[Retrospective, ...]


class ReadOutcomes(Message):
    """How did releases end, by the score that *model* gives them?"""

    model: RiskModelSpec
    limit: int = 2000

    def __str__(self) -> str:
        return f"read the last {self.limit} outcomes"


class Outcomes(Value):
    """Counts by score, and of how many releases they are; *since* is the oldest one's end."""

    tally: tuple[Tally, ...]
    since: AwareDatetime | None = None


class OutcomesPort(Port):
    queue = Queue.AUDIT

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def read_standing(self, ask: ReadStanding) -> Standing:
        """The trust in the pattern, what is owed, what was shipped, and the scores' outcomes.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(days=1))
    @abstractmethod
    def record_outcome(self, ask: RecordOutcome) -> Filed:
        """File an end, and open the retrospective that it owes; once for each run.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def close_retrospective(self, ask: CloseRetrospective) -> Retrospective:
        """Close what is open for the release, and say so in its audit record.

        Raises:
            TargetMissing: nothing is owed for such a release.
            PolicyViolated: whoever asked for a release does not look into it alone.
            Diverged: somebody closed it before, with another finding.
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def list_retrospectives(self, ask: ListRetrospectives) -> OpenRetrospectives:
        """What is open, by its deadline; what has none comes last.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=60), total=timedelta(minutes=2), recorded=False)
    @abstractmethod
    def read_outcomes(self, ask: ReadOutcomes) -> Outcomes:
        """Count the newest outcomes by the score that each has under the model.

        Raises:
            Unavailable: the ledger does not answer; retried within the limits.
        """
