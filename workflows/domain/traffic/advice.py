"""Which router suits the clients of a service, why, and what another one would need."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from workflows.domain.canary.share import requests_to_tell
from workflows.domain.durations import write_duration
from workflows.domain.traffic.clients import Clients
from workflows.domain.values import View

_FIRST_WEIGHT: Final = 5
_PATIENCE = timedelta(hours=4)
_TTL = timedelta(seconds=60)


class RouterKind(StrEnum):
    MESH = "mesh"
    ALB = "alb"
    WEIGHTED_DNS = "weightedDNS"
    HEADER = "header"


class Fit(StrEnum):
    RECOMMENDED = "recommended"
    POSSIBLE = "possible"
    UNFIT = "unfit"


class RouterOption(View):
    """One router for these clients: what speaks for it and against it, and what it would need.

    `provider` is the `type` of the router in a catalog; the header alone needs any router with
    headers.
    """

    router: RouterKind
    provider: str
    fit: Fit
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    would_need: tuple[str, ...]


class RouterAdvice(View):
    """The options from the best to the worst, and what the traffic allows whatever the router."""

    recommended: RouterKind
    traffic: tuple[str, ...]
    options: tuple[RouterOption, ...]


class _Point(NamedTuple):
    """A sentence that speaks for a router, or against it; *need* is what would answer it.

    A weight of `_NEVER` rules the router out for as long as the need is not met.
    """

    weight: int
    text: str
    need: str | None = None


_NEVER: Final = -100


def advise(clients: Clients) -> RouterAdvice:
    """Rank the routers for *clients*; the first one is recommended, however little it fits."""
    cases = {
        RouterKind.MESH: ("envoy", [*_mesh(clients)]),
        RouterKind.ALB: ("alb", [*_alb(clients)]),
        RouterKind.WEIGHTED_DNS: ("route53", [*_weighted_dns(clients)]),
        RouterKind.HEADER: ("envoy, alb", [*_header(clients)]),
    }
    ranked = sorted(cases, key=lambda kind: -sum(point.weight for point in cases[kind][1]))
    options = tuple(
        _option(kind, *cases[kind], first=kind is ranked[0])  # a tie goes to the one named first
        for kind in ranked
    )
    return RouterAdvice(recommended=ranked[0], traffic=tuple(_traffic(clients)), options=options)


def _option(kind: RouterKind, provider: str, points: list[_Point], *, first: bool) -> RouterOption:
    ruled_out = any(point.weight <= _NEVER for point in points)
    fit = Fit.UNFIT if ruled_out else Fit.POSSIBLE
    return RouterOption(
        router=kind,
        provider=provider,
        fit=Fit.RECOMMENDED if first else fit,
        reasons=tuple(point.text for point in points if point.weight > 0),
        against=tuple(point.text for point in points if point.weight <= 0),
        would_need=tuple(point.need for point in points if point.need is not None),
    )


def _traffic(clients: Clients) -> Iterator[str]:
    every = timedelta(seconds=1 / (clients.rps * _FIRST_WEIGHT / 100))
    yield (
        f"at {clients.rps:g} rps a {_FIRST_WEIGHT}% weight is one canary request in {_span(every)}"
    )
    yield (
        f"it takes {_span(_until_told(clients))} until the share itself can be told from a lie; "
        "what the canary does to its users takes longer"
    )


def _until_told(clients: Clients) -> timedelta:
    return timedelta(seconds=requests_to_tell(_FIRST_WEIGHT) / clients.rps)


def _is_slow(clients: Clients) -> bool:
    return _until_told(clients) > _PATIENCE


def _mesh(clients: Clients) -> Iterator[_Point]:
    yield _Point(4, "every request is split by itself, and a weight is served within a second")
    yield _Point(1, "it counts each version apart, and can copy requests to a canary")
    if clients.sessions:
        yield _Point(
            3, "it keeps sessions by header or cookie; who came to the canary stays there"
        )
        if not clients.return_cookies:
            yield _Point(
                0,
                "these clients return no cookie, so the ones without a key are split at random",
                "a header of the clients' own, such as x-session-id, to keep sessions by",
            )
    if clients.grpc:
        yield _Point(1, "it splits the calls inside one gRPC connection")
        yield _Point(
            0,
            "Lockgate's clusters speak HTTP/1.1 to the versions today",
            "for gRPC, a route to versions that speak HTTP/2",
        )
    if clients.long_lived:
        yield _Point(2, "clients that keep their connection are split all the same")
    if clients.exposure == "internal":
        yield _Point(1, "it stands between services anyway where there is a mesh")
    else:
        yield _Point(
            -2 if clients.runs_on == "aws" else -1,
            "it has to be run at the edge",
            "an Envoy behind your load balancer, at least two of them",
        )


def _alb(clients: Clients) -> Iterator[_Point]:
    if clients.runs_on != "aws":
        yield _Point(_NEVER, "the service does not run on AWS", "the service on AWS")
    yield _Point(4, "every request is split by itself, and AWS runs it")
    yield _Point(-1, "nothing tells when all of its nodes have a weight: some seconds are waited")
    if clients.exposure == "external":
        yield _Point(1, "it stands at the edge anyway")
    if clients.sessions and clients.return_cookies:
        yield _Point(
            -1,
            "it keeps sessions by its own cookie, so a growing share reaches new sessions only, "
            "and each weight counts only when the cookies of the one before are over",
        )
    elif clients.sessions:
        yield _Point(
            _NEVER,
            "it keeps sessions by its own cookie, which these clients do not return",
            "clients that return cookies",
        )
    if clients.grpc:
        yield _Point(
            -1,
            "gRPC needs target groups of its own protocol version and an HTTPS listener",
            "for gRPC, target groups with protocol version GRPC",
        )


def _weighted_dns(clients: Clients) -> Iterator[_Point]:
    late = _TTL + clients.dns_caching
    yield _Point(1, "it needs nothing in the way of the requests, and suits every protocol")
    yield _Point(
        -2,
        "it splits resolvers, not requests: the share is only as even as the clients are many",
    )
    yield _Point(
        -1,
        f"a weight, and a rollback too, reaches the last client {_span(late)} after all of Route "
        "53's servers have it",
        "a TTL of a minute or less, and a failure that may last that long",
    )
    if clients.dns_caching > timedelta(0):
        yield _Point(
            _NEVER if clients.dns_caching > _TTL else -2,
            f"some clients keep an address for {_span(clients.dns_caching)} beyond its TTL, and "
            "go on calling a version that was withdrawn",
            "clients that look up again when the TTL is over (a JVM: networkaddress.cache.ttl)",
        )
    if clients.long_lived or clients.grpc:
        yield _Point(
            _NEVER,
            "a connection that is kept never looks the name up again",
            "a limit on the age of connections, below the length of a stage",
        )
    if clients.sessions:
        yield _Point(
            _NEVER,
            "a user changes version with every look-up",
            "sessions that both versions can serve",
        )
    if set(clients.kinds) <= {"service", "batch"}:
        yield _Point(-2, "a few services behind a few resolvers are split coarsely")


def _header(clients: Clients) -> Iterator[_Point]:
    yield _Point(1, "no user meets the canary before testers and synthetic journeys have")
    yield _Point(-1, "without a share nothing is learnt from users; it comes before the weights")
    if _is_slow(clients):
        yield _Point(
            6,
            f"at {clients.rps:g} rps weights cannot conclude in {_span(_PATIENCE)}, and a journey "
            "sends as many marked requests as are wanted",
        )
    if "browser" in clients.kinds:
        yield _Point(
            0,
            "browsers send no header of yours by themselves",
            "testers with an extension, or a proxy that marks them",
        )


def _span(span: timedelta) -> str:
    """*span* to the second, or to the tenth below ten of them."""
    if span < timedelta(seconds=10):
        return f"{span.total_seconds():.2g}s"
    return write_duration(timedelta(seconds=round(span.total_seconds())))
