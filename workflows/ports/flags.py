"""Moving feature flags with a release, and back before its code goes back."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.release.flags import FlagChange, FlagState
from workflows.domain.values import Digest, Provider, Target
from workflows.ports.base import Message, Port, limited


class ObserveFlag(Message):
    """What is the flag *key* now, where *target* runs?"""

    target: Target
    provider: Provider
    key: str

    def __str__(self) -> str:
        return f"read flag {self.key} of {self.target}"


class SetFlag(Message):
    """Move a flag on from *expected*, the state that this release last saw or set.

    `canary` is the version that `canary-only` means, `baseline` the one beside it. `release` is
    written into the flag as the one that set it.
    """

    target: Target
    provider: Provider
    change: FlagChange
    expected: FlagState
    canary: Digest
    baseline: Digest | None = None
    release: str

    def __str__(self) -> str:
        return f"set flag {self.change} of {self.target}"


class RestoreFlag(Message):
    """Put a flag back to *before*, the state that the release saw before it first set the flag.

    The undo of all sets of one flag: somebody who put the flag back by hand has done its work.
    `versions` are those that may ask for the flag: it is verified for each of them, where an
    evaluation endpoint is configured.
    """

    target: Target
    provider: Provider
    before: FlagState
    versions: tuple[Digest, ...] = ()
    release: str

    def __str__(self) -> str:
        return f"set flag of {self.target} back to {self.before}"


class FlagsPort(Port):
    queue = Queue.FLAGS

    @limited(attempt=timedelta(seconds=30), total=timedelta(minutes=5), recorded=False)
    @abstractmethod
    def observe_flag(self, ask: ObserveFlag) -> FlagState:
        """The flag as its provider serves it; compare with `drift` to notice other hands.

        Raises:
            TargetMissing: no such provider or flag; not retried.
            Refused: the provider's definitions of the flag cannot be understood; not retried.
            Unavailable: the provider does not answer; retried within the limits.
        """

    @limited(
        attempt=timedelta(minutes=6), total=timedelta(minutes=30), heartbeat=timedelta(seconds=75)
    )
    @abstractmethod
    def set_flag(self, ask: SetFlag) -> FlagState:
        """Set the flag; return it as read back and, where that can be asked, as evaluated.

        Idempotent: a flag that is as wanted is left as it is, with whoever set it.

        Raises:
            TargetMissing: no such provider, flag or variant; not retried.
            Refused: the provider refused the change, or rolled it back by itself; not retried.
            Unavailable: the provider does not answer, or what evaluates the flag does not say
                yet what was set; retried within the limits.
            Diverged: the flag is not as *expected*: somebody else changed it, and it is left so.
        """

    # Short, because traffic goes back only after it: a provider that is down must not keep
    # users on a version that is being taken back. What failed stays open in the rollback.
    @limited(
        attempt=timedelta(minutes=3), total=timedelta(minutes=3), heartbeat=timedelta(seconds=75)
    )
    @abstractmethod
    def restore_flag(self, ask: RestoreFlag) -> FlagState:
        """Undo a set; see RestoreFlag. Safe to run when the flag was never set.

        Raises:
            TargetMissing: no such provider, flag or variant; not retried.
            Refused: the provider refused the change, or rolled it back by itself; not retried.
            Unavailable: the provider does not answer, or what evaluates the flag does not say
                yet what was set; retried within the limits.
            Diverged: somebody else changed the flag since the release set it, and not back to
                what it was before; it is left so.
        """
