"""Counts what a process did since it started, and tells it as Prometheus text."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

STARTED = "process_start_time_seconds"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counters:
    """Every count carries *labels*: the service, the version and the arm that counted.

    *started*, in seconds of the epoch, tells readers that counters began anew, even if they have
    passed their old values since.
    """

    def __init__(self, labels: Mapping[str, str], *, started: float) -> None:
        self._labels = dict(labels)
        self._started = started
        self._lock = Lock()
        self._counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        """Count *amount* more. Adding 0 shows the counter before its first event."""
        told = _spoken(self._labels | labels)
        with self._lock:
            self._counts[name][told] += amount

    def exposition(self) -> str:
        lines = [
            f"# TYPE {STARTED} gauge",
            f"{STARTED}{{{_spoken(self._labels)}}} {self._started}",
        ]
        with self._lock:
            for name, counts in sorted(self._counts.items()):
                lines.append(f"# TYPE {name} counter")
                lines += [f"{name}{{{told}}} {count}" for told, count in sorted(counts.items())]
        return "\n".join(lines) + "\n"


def _spoken(labels: Mapping[str, str]) -> str:
    return ",".join(f'{key}="{value}"' for key, value in labels.items())
