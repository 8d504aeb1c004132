"""Having it verified who said something, before it counts."""

from workflows.domain.errors import ProofRefused
from workflows.domain.people.identity import Proven
from workflows.domain.people.statement import LONGEST_PROOF, Statement
from workflows.domain.release.order import ReleaseOrder
from workflows.ports.identity import IdentityPort, VerifyStatement, VerifyTrigger
from workflows.steps.call import call
from workflows.steps.trail import Trail


async def proven_trigger(order: ReleaseOrder, proof: str, *, release: str, trail: Trail) -> Proven:
    """Who asks for *release*, as *proof* shows.

    Raises:
        ProofRefused: it does not show that.
        PolicyViolated: the catalog's people cannot be read.
        Unavailable: the issuer of the token does not answer.
    """
    people = order.catalog.get("people")
    ask = VerifyTrigger(
        statement=order.statement(release),
        proof=proof,
        people=people if isinstance(people, dict) else {},
    )
    return await call(IdentityPort.verify_trigger, ask, trail=trail)


class Prover:
    """Has tokens verified; each of them counts once in the life of its story."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    async def prove(
        self, statement: Statement, proof: str | None, *, accounts: dict[str, str]
    ) -> Proven:
        """Who made *statement*, as *proof* shows.

        Raises:
            ProofRefused: there is no proof, it proves something else, or it was used before.
            Unavailable: the issuer of the token does not answer.
        """
        if not proof:
            raise ProofRefused("it came without a token that proves who says so")
        if len(proof) > LONGEST_PROOF:
            raise ProofRefused(f"the token is longer than {LONGEST_PROOF} characters")
        ask = VerifyStatement(statement=statement, proof=proof, accounts=accounts)
        proven = await call(IdentityPort.verify_statement, ask)
        if proven.proof in self._used:
            raise ProofRefused(f"the token of {proven} was used already: each counts once")
        self._used.add(proven.proof)
        return proven
