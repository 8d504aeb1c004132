"""Counts what a process did since it started, and tells it as Prometheus text."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counters:
    """Every count carries *labels*: the service and the version that counted."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._lock = Lock()
        self._counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        """Count *amount* more. Adding 0 shows the counter before its first event."""
        told = ",".join(f'{key}="{value}"' for key, value in (self._labels | labels).items())
        with self._lock:
            self._counts[name][told] += amount

    def exposition(self) -> str:
        lines = []
        with self._lock:
            for name, counts in sorted(self._counts.items()):
                lines.append(f"# TYPE {name} counter")
                lines += [f"{name}{{{told}}} {count}" for told, count in sorted(counts.items())]
        return "\n".join(lines) + "\n"
