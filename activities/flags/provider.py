"""What a flag provider must be able to do, and what evaluates its flags."""

from collections.abc import Callable
from typing import Protocol

from workflows.domain.release.flags import FlagState


class FlagProvider(Protocol):
    """Holds the flags of one environment."""

    def read(self, key: str) -> FlagState:
        """The flag as whoever evaluates it is given it.

        Raises:
            TargetMissing: the provider holds no such flag, or does not exist.
            Refused: it holds something that is no flag.
            Unavailable: it does not answer, or what it holds cannot be read now.
        """
        ...

    def write(
        self, wanted: FlagState, *, instead_of: FlagState, beat: Callable[[], object]
    ) -> None:
        """Replace *instead_of* by *wanted*, and return once the provider serves it.

        No other flag is changed, and no variant's meaning; *beat* is called while it takes time.

        Raises:
            TargetMissing: the provider holds no such flag, or the flag has no such variant.
            Refused: the provider refuses the change, or took it back by itself.
            Unavailable: it does not answer, or did not take the change in time.
            Diverged: the flag is no longer *instead_of*; nothing was changed.
        """
        ...


class Evaluator(Protocol):
    """Answers which variant a flag has for whoever asks."""

    def variant(self, key: str, context: dict[str, str]) -> str | None:
        """The variant in *context*; None while it knows no such flag.

        Raises:
            Refused: it cannot be asked so: address, access, context or definition are wrong.
            Unavailable: it does not answer.
        """
        ...
