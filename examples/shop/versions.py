"""The versions of the shop that can be built, and what is wrong with each of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """Faults built into a version; rates are 0..1, and the default has none."""

    error_rate: float = 0.0
    extra_latency_ms: int = 0
    conversion: float = 1.0


GOOD = Behaviour()

VERSIONS: Mapping[str, Mapping[str, Behaviour]] = {
    "checkout": {
        "v1": GOOD,
        "v2": GOOD,
        "v3": Behaviour(error_rate=0.03),
        "v4": Behaviour(extra_latency_ms=40),
        "v5": Behaviour(error_rate=0.2),
        "v6": Behaviour(conversion=0.85),
        "v7": GOOD,
        "v8": Behaviour(error_rate=1.0),
    },
    "payments": {
        "v1": GOOD,
        "v2": GOOD,
        "v5": Behaviour(error_rate=0.2),
    },
    "inventory": {
        "v1": GOOD,
        "v2": GOOD,
        "v7": Behaviour(extra_latency_ms=150),
    },
}
