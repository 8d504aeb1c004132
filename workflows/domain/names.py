"""Names that cross process borders: workflow ids, task queues, search attributes."""

from collections.abc import Iterable
from enum import StrEnum

from workflows.domain.values import Target


class Queue(StrEnum):
    """One task queue for each worker pool, and a pool for each set of credentials."""

    STORIES = "stories"
    DECISIONS = "decisions"
    CLOUD = "cloud"
    TRAFFIC = "traffic"
    FLAGS = "flags"
    MONITORING = "monitoring"
    ALERTS = "alerts"
    JOURNEYS = "journeys"
    DATA = "data"
    VAULT = "vault"
    CALENDARS = "calendars"
    IDENTITY = "identity"
    ATTESTATIONS = "attestations"
    AUDIT = "audit"
    SOURCES = "sources"
    ENVIRONMENTS = "environments"
    NOTICES = "notices"


class Attribute(StrEnum):
    """Search attributes; the worker registers those that the namespace lacks."""

    SERVICE = "LockgateService"
    ENVIRONMENT = "LockgateEnvironment"
    VERSION = "LockgateVersion"
    PHASE = "LockgatePhase"
    OUTCOME = "LockgateOutcome"
    RISK = "LockgateRisk"
    REQUESTED_BY = "LockgateRequestedBy"
    TEAM = "LockgateTeam"
    EXPIRY = "LockgateExpiry"


LISTS = frozenset({Attribute.SERVICE, Attribute.ENVIRONMENT, Attribute.VERSION})
"""The attributes that hold several values at once."""

DATES = frozenset({Attribute.EXPIRY})
"""The attributes that hold a time, so that a search may compare it."""

_LARGEST = 2_000
"""Temporal stores at most 2 KiB in one attribute, and refuses a story that sets more."""


def searchable(values: Iterable[str]) -> list[str]:
    """Each of *values* once, in order, as many as one attribute holds as JSON."""
    kept: list[str] = []
    size = 0
    for value in sorted(set(values)):
        size += len(value.encode()) + len('"",')
        if size > _LARGEST:
            break
        kept.append(value)
    return kept


UNASSESSED = "unassessed"
"""The risk of a release that nothing has scored: unknown is neither low nor high."""

SWEEP_ID = "sweep"
SEAL_ID = "seal"


def release_id(name: str, manifest_digest: str) -> str:
    """The workflow id of a release: the same content under the same name is the same release."""
    return f"release/{name}/{manifest_digest.removeprefix('sha256:')[:12]}"


_ENVIRONMENT = "environment/"


def environment_id(name: str) -> str:
    """The workflow id of an environment: one name is one environment at a time."""
    return f"{_ENVIRONMENT}{name}"


def environment_of(workflow_id: str) -> str | None:
    """The name of the environment whose story has this id; None where it is no environment's."""
    name = workflow_id.removeprefix(_ENVIRONMENT)
    return None if name == workflow_id else name


def promotion_id(release: str, target: Target) -> str:
    return f"{release}/{target.environment}/{target.service}"


def rollback_id(release: str) -> str:
    return f"{release}/rollback"


def seal_id(release: str) -> str:
    return f"{release}/{SEAL_ID}"


def readiness_id(release: str, environment: str) -> str:
    return f"{release}/readiness/{environment}"


PROGRESSED = "promotion_progressed"
"""The signal with which a promotion tells its release where it stands."""

WATCHED = "canary_watched"
"""The signal with which the watch over a canary tells its promotion what is new."""

HANDED_OVER = "promotion_handed_over"
"""The signal with which a failed promotion gives its release what is not recorded yet."""

ENVIRONMENT_PROGRESSED = "environment_progressed"
"""The signal with which an environment tells the release that it is made for where it stands."""

READINESS_PROGRESSED = "readiness_progressed"
"""The signal with which a readiness review tells its release where it stands."""

ROLLBACK_PROGRESSED = "rollback_progressed"
"""The signal with which a rollback tells its release where it stands."""
