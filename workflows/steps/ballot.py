"""A ballot: those allowed to decide say whether a release may enter an environment."""

from temporalio import workflow

from workflows.domain.gates.vote import Decision, Vote, check_vote, decide, missing
from workflows.domain.release.plan import GateRule


class Ballot:
    """Collects votes on one decision digest. Each voter counts once; the latest word stands."""

    def __init__(self, rule: GateRule, *, digest: str, requested_by: str) -> None:
        self.rule = rule
        self.digest = digest
        self.opened_at = workflow.now()
        self._requested_by = requested_by
        self._votes: dict[str, Vote] = {}

    def check(self, vote: Vote) -> None:
        """Raise VoteRefused where *vote* would not count."""
        check_vote(self.rule, vote, digest=self.digest, requested_by=self._requested_by)

    def record(self, vote: Vote) -> None:
        self.check(vote)
        self._votes[vote.voter] = vote

    @property
    def decision(self) -> Decision | None:
        return decide(self.rule, self._votes)

    @property
    def votes(self) -> tuple[Vote, ...]:
        return tuple(self._votes.values())

    @property
    def missing(self) -> tuple[str, ...]:
        return missing(self.rule, self._votes)
