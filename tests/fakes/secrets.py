"""Leases in memory."""

from collections import Counter

from workflows.ports.secrets import RevokedLeases, RevokeLeases, SecretsPort


class FakeSecrets(SecretsPort):
    """`open` counts each release's open leases, `revocations` how often it was asked for."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        self.revocations: Counter[str] = Counter()
        self.failures: list[Exception] = []

    def revoke_leases(self, ask: RevokeLeases) -> RevokedLeases:
        self.revocations[ask.release] += 1
        if self.failures:
            raise self.failures.pop(0)
        return RevokedLeases(count=self.open.pop(ask.release, 0))
