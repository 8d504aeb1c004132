"""What can go wrong with a release, named by what the release should do about it.

ReleaseError
├─ Refused              the world said no and will say no again      not retried; turn back
│  ├─ TargetMissing        no such service, bucket, connection
│  ├─ PolicyViolated       a rule of the catalog forbids it
│  ├─ GateClosed           rejected, or nobody decided in time
│  ├─ WindowClosed         a freeze says to turn back, or the deadline is over
│  ├─ ProofRefused         a token does not prove what it came with
│  ├─ ArtifactMismatch     the bytes are not the ones that were named
│  ├─ VersionUnhealthy     it was installed and does not answer as healthy
│  ├─ CanaryUnhealthy      the judge failed it, or held it until its time ran out
│  ├─ ShareNotServed       the router sends another share than the one it says it serves
│  ├─ NotRecovered         the old version is back, and fails more than before
│  ├─ DataInconsistent     a data check found what must not be there
│  └─ Stopped              a person or an alert told the release to turn back
│     └─ Aborted              a person gave the release up
├─ Unavailable          the world could not be asked                retried until the port's limit
│  └─ HandedOver           whoever asked stops, another goes on
└─ Diverged             the world is not as we left it               not retried; a person decides
"""

from typing import ClassVar


class ReleaseError(Exception):
    """An expected failure; anything else that is raised is a bug and stops the workflow task."""

    retryable: ClassVar[bool] = False
    kinds: ClassVar[dict[str, type["ReleaseError"]]] = {}

    def __init_subclass__(cls) -> None:
        ReleaseError.kinds[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name that crosses the wire and is searched for in the Temporal UI."""
        return type(self).__name__


class Refused(ReleaseError):
    """The world said no, and asking again will not change its mind."""


class TargetMissing(Refused):
    """The outside system knows no such thing: a service, a bucket, a connection."""


class PolicyViolated(Refused):
    """A rule of the catalog forbids the release."""


class GateClosed(Refused):
    """A gate was rejected, or expired because nobody decided in time."""


class ProofRefused(Refused):
    """An identity token does not prove who says what it was sent with."""


class WindowClosed(Refused):
    """A freeze says that what is under way goes back, or the release's deadline is over."""


class ArtifactMismatch(Refused):
    """The bytes found are not the bytes that the digest names."""


class VersionUnhealthy(Refused):
    """The version was installed and does not answer as healthy."""


class CanaryUnhealthy(Refused):
    """The judge failed the canary, or could not pass it in the time it was given."""


class ShareNotServed(Refused):
    """The router took a weight, and sends the canary another share than that; measured."""


class NotRecovered(Refused):
    """The old version serves again, and still fails more than it did before the release."""


class DataInconsistent(Refused):
    """A data check found rows that must not exist."""


class Stopped(Refused):
    """A person or an alert told the release to turn back."""


class Aborted(Stopped):
    """A person gave the release up: it turns back and ends as cancelled."""


class Unavailable(ReleaseError):
    """The world could not be asked; later it may answer."""

    retryable = True


class HandedOver(Unavailable):
    """The worker that asked stops, which says nothing about the world: another one goes on."""


class Diverged(ReleaseError):
    """Someone else changed what this release was changing; it is never overwritten."""
