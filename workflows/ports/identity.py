"""Who said it: identity tokens, verified against the keys of those who issue them."""

from abc import abstractmethod
from datetime import timedelta

from pydantic import Field, JsonValue

from workflows.domain.names import Queue
from workflows.domain.people.identity import Proven
from workflows.domain.people.statement import Statement
from workflows.ports.base import Message, Port, limited


class VerifyStatement(Message):
    """Does *proof* stand for *statement*, and whose is it?

    `accounts` maps the keys of accounts to the people of the catalog whose they are.
    """

    statement: Statement
    proof: str = Field(repr=False)
    accounts: dict[str, str]

    def __str__(self) -> str:
        return f"verify who says: {self.statement}"


class VerifyTrigger(Message):
    """Who asks for a release: *proof* stands for *statement*, or is a pipeline's own.

    `people` are the catalog's documents of people, as they came with the order.
    """

    statement: Statement
    proof: str = Field(repr=False)
    people: dict[str, JsonValue]

    def __str__(self) -> str:
        return f"verify who asks for {self.statement.release}"


class IdentityPort(Port):
    queue = Queue.IDENTITY

    @limited(attempt=timedelta(seconds=12), total=timedelta(seconds=30), recorded=False)
    @abstractmethod
    def verify_statement(self, ask: VerifyStatement) -> Proven:
        """Verify the token, that it stands for this statement alone, and whose it is.

        Safe to run again: nothing is changed. A token that has expired meanwhile is refused.

        Raises:
            ProofRefused: it is no token of a trusted issuer for people, is forged, expired or of
                another statement, or belongs to nobody of the accounts; not retried.
            Unavailable: the issuer does not answer; retried within the limits.
        """

    @limited(attempt=timedelta(seconds=12), total=timedelta(minutes=5))
    @abstractmethod
    def verify_trigger(self, ask: VerifyTrigger) -> Proven:
        """Verify the token of a person for this order, or of the pipeline that hands it over.

        A pipeline's token has no nonce: it proves who began the pipeline, and that person asks. A
        bot is whoever answers for its account. Safe to run again, as `verify_statement`.

        Raises:
            ProofRefused: as for `verify_statement`; not retried.
            PolicyViolated: the documents of people are not what the kind allows; not retried.
            Unavailable: the issuer does not answer; retried within the limits.
        """
