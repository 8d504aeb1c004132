"""Who calls whom: the services that break when another one does."""

from collections import deque
from collections.abc import Collection, Mapping

from workflows.domain.spec import ServiceSpec

MOST = 50
"""So many are told at most; a change that reaches more reaches everything."""


def dependants(names: Collection[str], services: Mapping[str, ServiceSpec]) -> tuple[str, ...]:
    """Services that call one of *names*, directly or through others; nearest first."""
    callers: dict[str, list[str]] = {}
    for caller, spec in sorted(services.items()):
        for called in spec.dependencies:
            callers.setdefault(called, []).append(caller)
    found: dict[str, None] = {}
    waiting = deque(sorted(names))
    while waiting:
        for caller in callers.get(waiting.popleft(), ()):
            if caller not in found and caller not in names:
                found[caller] = None
                waiting.append(caller)
    return tuple(found)[:MOST]
