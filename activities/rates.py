"""How often an API of AWS is asked: never above the declared rate, and less while it throttles."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any

import structlog

from activities.aws import THROTTLED
from activities.pace import let_pass
from workflows.domain.errors import Unavailable

log = structlog.get_logger(__name__)

_LONGEST_SECONDS = 45.0
# Whoever is next in line may be late to wake up; those behind look again so soon.
_LOOK_SECONDS = 0.005
# One crowd of requests that is throttled together is one sign.
_SAME_SIGN_SECONDS = 1.0
_SLOWEST = 0.05
_RECOVERY_SECONDS = 60.0
# What is added up of fractions is rarely a whole one.
_WHOLE = 1 - 1e-9


class TokenBucket:
    """Of any t seconds, lets through at most *burst* + *rate* * t; less after a `slow_down`.

    It has no clock: the time, in seconds that never go back, is told with each call. Not safe
    between threads.
    """

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError(f"rate {rate} must be above 0 and burst {burst} at least 1")
        self.declared = rate
        self.rate = rate
        """What it lets through a second now; the declared rate unless it was slowed down."""
        self._burst = burst
        self._tokens = float(burst)
        self._at = now
        self._slowed_at: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may go through now; if so it counts."""
        self._refill(now)
        if self._tokens < _WHOLE:
            return False
        self._tokens -= 1
        return True

    def pause(self, now: float, *, ahead: int = 0) -> float:
        """Seconds until one may go through if *ahead* others go first."""
        self._refill(now)
        return max(0.0, (ahead + 1 - self._tokens) / self.rate)

    def slow_down(self, now: float) -> bool:
        """Halve the rate, down to a twentieth of what is declared; it comes back in a minute.

        False where the last time was less than a second ago, which is the same sign.
        """
        self._refill(now)
        if self._slowed_at is not None and now - self._slowed_at < _SAME_SIGN_SECONDS:
            return False
        self._slowed_at = now
        self.rate = max(self.declared * _SLOWEST, self.rate / 2)
        self._tokens = min(self._tokens, 0.0)
        return True

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._at = max(self._at, now)
        self._tokens = min(self._burst, self._tokens + passed * self.rate)
        recovered = self.rate + passed * self.declared / _RECOVERY_SECONDS
        self.rate = min(self.declared, recovered)


class Turns:
    """The line before one API: first come, first served, from however many threads."""

    def __init__(
        self,
        api: str,
        *,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = let_pass,
    ) -> None:
        """Call it *api* in messages. *wait* lets seconds pass, and may raise to leave the line."""
        self._api = api
        self._clock = clock
        self._wait = wait
        self._bucket = TokenBucket(rate=rate, burst=burst, now=clock())
        self._line: deque[object] = deque()
        self._lock = Lock()
        self.taken = 0
        self.throttled = 0

    @property
    def rate(self) -> float:
        """Requests a second, at present."""
        with self._lock:
            return self._bucket.rate

    def take(self) -> None:
        """Wait until it is this caller's turn.

        Raises:
            Unavailable: it would take too long; asking again later gets it a place in line.
        """
        began = self._clock()
        me = object()
        with self._lock:
            self._line.append(me)
        try:
            while pause := self._turn(me):
                if self._clock() + pause - began > _LONGEST_SECONDS:
                    raise Unavailable(self._too_long())
                self._wait(pause)
        finally:
            self._leave(me)

    def heard_throttled(self) -> None:
        """The API said that it is asked too often, whoever asked."""
        with self._lock:
            self.throttled += 1
            slowed = self._bucket.slow_down(self._clock())
            rate = self._bucket.rate
        if slowed:
            log.warning("api_throttled", api=self._api, requests_per_second=round(rate, 3))

    def _turn(self, me: object) -> float:
        """Seconds until it is worth looking again; none if the turn was taken."""
        with self._lock:
            now = self._clock()
            ahead = self._line.index(me)
            if ahead == 0 and self._bucket.take(now):
                self._line.popleft()
                self.taken += 1
                return 0.0
            return max(_LOOK_SECONDS, self._bucket.pause(now, ahead=ahead))

    def _leave(self, me: object) -> None:
        with self._lock:
            if me in self._line:
                self._line.remove(me)

    def _too_long(self) -> str:
        with self._lock:
            return (
                f"{self._api} is asked {self._bucket.rate:g} times a second at most, declared are "
                f"{self._bucket.declared:g}, and {len(self._line)} requests wait"
            )


class ApiRates:
    """What one connection may ask of each API of AWS; one line for each service of boto3.

    botocore's own adaptive mode is not enough: it limits nothing before an API has throttled for
    the first time, holds a client's own calls alone, which ends with new keys, knows no order,
    and waits without a sign of life.
    """

    def __init__(
        self,
        connection: str,
        per_second: float,
        *,
        by_service: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = let_pass,
    ) -> None:
        """*by_service* has other rates for some services; a second's worth may go at once."""
        self._connection = connection
        self._per_second = per_second
        self._by_service = dict(by_service or {})
        self._clock = clock
        self._wait = wait
        self._turns: dict[str, Turns] = {}
        self._lock = Lock()

    def turns(self, service: str) -> Turns:
        """The line before *service*, as boto3 names it."""
        with self._lock:
            if service not in self._turns:
                rate = self._by_service.get(service, self._per_second)
                self._turns[service] = Turns(
                    f"{service} at {self._connection}",
                    rate=rate,
                    burst=max(1.0, rate),
                    clock=self._clock,
                    wait=self._wait,
                )
            return self._turns[service]

    def bind(self, client: Any) -> Any:
        """Have every request of this client of boto3 wait for its turn, those tried again too."""
        model = client.meta.service_model
        turns = self.turns(model.service_name)

        def created(**_: Any) -> None:
            turns.take()

        def received(parsed_response: Mapping[str, Any] | None = None, **_: Any) -> None:
            if parsed_response is not None and _throttles(parsed_response):
                turns.heard_throttled()

        event = model.service_id.hyphenize()
        # Before it is signed: a signature is good for minutes, and each attempt has its own.
        client.meta.events.register_first(f"request-created.{event}", created)
        client.meta.events.register(f"response-received.{event}", received)
        return client


def _throttles(response: Mapping[str, Any]) -> bool:
    code = response.get("Error", {}).get("Code", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return code in THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS
