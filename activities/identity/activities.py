"""The identity port on the issuers that this worker was told about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog
from pydantic import JsonValue, TypeAdapter, ValidationError

from activities.identity.issuer import Issuer
from activities.identity.keys import IssuerKeys
from activities.identity.tokens import (
    Claims,
    account_in,
    check_nonce,
    issuer_named_in,
    key_named_in,
    proof_digest,
    roles_in,
    verified,
)
from workflows.domain.errors import PolicyViolated, ProofRefused
from workflows.domain.people.identity import Account, AccountKind, IdentityMap, Proven
from workflows.domain.spec import PersonSpec
from workflows.domain.values import Name
from workflows.ports.identity import IdentityPort, VerifyStatement, VerifyTrigger

log = structlog.get_logger(__name__)

_PEOPLE = TypeAdapter(dict[Name, PersonSpec])
KeysOf = Callable[[Issuer], IssuerKeys]


def _now() -> datetime:
    return datetime.now(UTC)


class IdentityActivities(IdentityPort):
    """Believes a token by its issuer's own keys, and for the one statement it was made for."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        keys_of: KeysOf,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Trust *issuers*, each for its kind of account; *keys_of* is asked once for each."""
        self._trusted = {each.url: (each, keys_of(each)) for each in issuers}
        self._clock = clock

    def verify_statement(self, ask: VerifyStatement) -> Proven:
        issuer, claims = self._verified(ask.proof)
        if issuer.kind is not AccountKind.OIDC:
            raise ProofRefused(f"{issuer.name} issues tokens of pipelines, and a person decides")
        check_nonce(claims, ask.statement.nonce)
        account = Account(kind=issuer.kind, id=account_in(claims, issuer))
        person = ask.accounts.get(account.key)
        return self._proven(ask, issuer, claims, account=account, person=person)

    def verify_trigger(self, ask: VerifyTrigger) -> Proven:
        issuer, claims = self._verified(ask.proof)
        if issuer.kind is AccountKind.OIDC:
            check_nonce(claims, ask.statement.nonce)
        account = Account(kind=issuer.kind, id=account_in(claims, issuer))
        person = _people(ask.people).human(account)
        return self._proven(ask, issuer, claims, account=account, person=person)

    def _proven(
        self,
        ask: VerifyStatement | VerifyTrigger,
        issuer: Issuer,
        claims: Claims,
        *,
        account: Account,
        person: str | None,
    ) -> Proven:
        if person is None:
            raise ProofRefused(
                f"{account} is nobody whom the catalog knows here: add it to the accounts of the "
                "person whose it is"
            )
        proven = Proven(
            person=person,
            account=str(account),
            roles=roles_in(claims, issuer),
            statement=ask.statement.nonce,
            proof=proof_digest(ask.proof),
            proven_at=self._clock(),
        )
        log.info("identity_proven", person=person, account=proven.account, proof=proven.proof)
        return proven

    def _verified(self, proof: str) -> tuple[Issuer, Claims]:
        named = issuer_named_in(proof)
        if named not in self._trusted:
            listed = ", ".join(sorted(self._trusted)) or "nobody"
            raise ProofRefused(f"the token is from {named[:200]!r}; trusted here is {listed}")
        issuer, keys = self._trusted[named]
        key = keys.find(key_named_in(proof, issuer))
        return issuer, verified(proof, issuer, key, now=self._clock())


def _people(documents: Mapping[str, JsonValue]) -> IdentityMap:
    try:
        people = _PEOPLE.validate_python(documents)
    except ValidationError as error:
        wrong = {".".join(map(str, each["loc"])) for each in error.errors(include_input=False)}
        raise PolicyViolated(f"catalog.people: {', '.join(sorted(wrong))}") from None
    return IdentityMap({name: person.accounts.all for name, person in people.items()})
