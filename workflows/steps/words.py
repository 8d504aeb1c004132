"""Go and no-go of people, each for one dossier: who may say it, who said it, what is missing."""

from datetime import datetime

from temporalio import workflow

from workflows.domain.errors import ReleaseError
from workflows.domain.gates.vote import Vote, VoteRefused
from workflows.domain.people.identity import Assurance
from workflows.domain.readiness.readiness import (
    ReadinessState,
    WordRefused,
    check_word,
    open_roles,
    state_of,
    where,
)
from workflows.domain.release.plan import ReadinessRule
from workflows.domain.values import Digest
from workflows.steps.proving import Prover


class Words:
    """Everybody's last word on the dossier that is under review."""

    def __init__(self, rule: ReadinessRule, *, release: str, requested_by: str) -> None:
        self._rule = rule
        self._release = release
        self._requested_by = requested_by
        self._prover = Prover()
        self._said: dict[str, Vote] = {}

    @property
    def all(self) -> tuple[Vote, ...]:
        return tuple(self._said.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles that nobody has said go for."""
        return open_roles(self._rule, self._said)

    def state(self, *, due_at: datetime) -> ReadinessState:
        """What they make of the review now."""
        return state_of(self._rule, self._said, due_at=due_at, now=workflow.now())

    def void(self) -> tuple[str, ...]:
        """Forget all that was said; who had said something."""
        voided, self._said = tuple(self._said), {}
        return voided

    async def known(self, claimed: Vote) -> Vote:
        """The word of whoever it is known to be of, as far as the policy asks.

        Raises:
            WordRefused: the policy asks for a proof, and the word's proves something else.
        """
        if self._rule.identity is Assurance.ASSERTED:
            return claimed.asserted()
        statement = claimed.statement(
            release=self._release,
            run=workflow.info().run_id,
            gate=where(self._rule.environment),
        )
        accounts = self._rule.accounts
        try:
            proven = await self._prover.prove(statement, claimed.proof, accounts=accounts)
            return claimed.proven_by(proven)
        except (ReleaseError, VoteRefused) as refusal:
            raise WordRefused(
                f"the policy of {self._rule.environment} asks for a proven identity: {refusal}"
            ) from refusal

    def count(self, word: Vote, *, dossier: Digest | None) -> None:
        """Take *word* on the *dossier* that is open; None where none is.

        Raises:
            WordRefused: it does not count, with the reason.
        """
        check_word(self._rule, word, dossier=dossier, requested_by=self._requested_by)
        self._said[word.voter] = word
