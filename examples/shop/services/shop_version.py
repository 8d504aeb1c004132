"""What a version was built to be: its name, and the faults that were built into it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Version:
    """Rates are 0..1. A fate depends on version and order alone: asked again, it is the same."""

    service: str
    version: str
    error_rate: float
    extra_latency_ms: int
    conversion: float

    @classmethod
    def read(cls, path: Path) -> "Version":
        built = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            service=built["service"],
            version=built["version"],
            error_rate=built["errorRate"],
            extra_latency_ms=built["extraLatencyMs"],
            conversion=built["conversion"],
        )

    def fails(self, order_id: str) -> bool:
        return self._draw("fails", order_id) < self.error_rate

    def declines(self, order_id: str) -> bool:
        return self._draw("declines", order_id) >= self.conversion

    def _draw(self, fate: str, order_id: str) -> float:
        """A number in [0, 1) that looks random but is settled by its seed."""
        seed = f"{self.service}/{self.version}/{fate}/{order_id}"
        return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6], "big") / 2**48
