"""Which adapter answers for a provider that a catalog names."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from workflows.domain.errors import TargetMissing
from workflows.domain.values import Provider

SystemT = TypeVar("SystemT")


class Connections(Generic[SystemT]):
    """The outside systems of one kind that this worker was told about, by type and connection."""

    def __init__(self, kind: str, known: Mapping[Provider, SystemT]) -> None:
        """Call them *kind* in messages: `router`, `platform`, `artifact store`."""
        self._kind = kind
        self._known = dict(known)

    def __call__(self, provider: Provider) -> SystemT:
        """The adapter for *provider*.

        Raises:
            TargetMissing: no such type and connection; the message names the ones there are.
        """
        system = self._known.get(provider)
        if system is None:
            listed = ", ".join(sorted(map(str, self._known))) or "none at all"
            raise TargetMissing(
                f"{self._kind} {provider} is not in this worker's settings, which have {listed}; "
                "correct the catalog, or add the connection to the settings"
            )
        return system
