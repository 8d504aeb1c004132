"""The worker's own endpoints: health, readiness, metrics, and the codec for Temporal's UI."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import httpx
import structlog
import uvicorn
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from infra.codec import PayloadLocked
from workers.health import Health

log = structlog.get_logger(__name__)

# Temporal's UI asks from the browser of somebody on this machine; no other page may decode.
_UI_ORIGIN = r"https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?"
_PATIENCE = httpx.Timeout(2)

Turn = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


class AddressTaken(Exception):
    """The worker cannot listen where its settings say."""


def application(
    health: Health, *, sdk_metrics_url: str, codec: PayloadCodec | None = None
) -> Starlette:
    """All endpoints; `/codec/*` only with a codec."""
    routes = [
        Route("/healthz", _alive),
        Route("/readyz", _readiness(health)),
        Route("/metrics", _metrics(sdk_metrics_url)),
    ]
    if codec is None:
        return Starlette(routes=routes)
    routes += [
        Route("/codec/encode", _turning(codec.encode), methods=["POST"]),
        Route("/codec/decode", _turning(codec.decode), methods=["POST"]),
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origin_regex=_UI_ORIGIN,
        allow_methods=["POST"],
        allow_headers=["content-type", "x-namespace", "authorization"],
    )
    return Starlette(routes=routes, middleware=[cors])


@asynccontextmanager
async def serving(application: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """Serve in this event loop until the block ends; yields `http://host:port`.

    Raises:
        AddressTaken: somebody else listens there, or the host is not this machine's.
    """
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    # Its own loggers would bring their own handlers and format.
    config = uvicorn.Config(application, log_config=None, log_level="warning", lifespan="off")
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    log.info("http_listening", address=address)
    try:
        yield address
    finally:
        server.should_exit = True
        await running


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the worker, which has pools to drain first."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise AddressTaken(
            f"worker.http_host, worker.http_port: cannot listen on {host}:{port}: "
            f"{error.strerror}; choose another port, or 0 for a free one"
        ) from error


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _readiness(health: Health) -> Callable[[Request], Awaitable[Response]]:
    async def readiness(_request: Request) -> Response:
        report = health.report()
        return JSONResponse(report, status_code=200 if report["ready"] else 503)

    return readiness


def _metrics(sdk_metrics_url: str) -> Callable[[Request], Awaitable[Response]]:
    async def metrics(_request: Request) -> Response:
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
            try:
                sdk = (await client.get(sdk_metrics_url)).raise_for_status().content
            except httpx.HTTPError as error:
                # Ours are still worth having, and the gap shows in what is missing.
                log.warning("sdk_metrics_unreadable", problem=type(error).__name__)
                sdk = b""
        return Response(generate_latest(REGISTRY) + sdk, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return metrics


def _turning(turn: Turn) -> Callable[[Request], Awaitable[Response]]:
    async def turning(request: Request) -> Response:
        try:
            asked = Parse(await request.body(), Payloads())
            turned = await turn(asked.payloads)
        except ParseError:
            return PlainTextResponse("not a JSON list of payloads\n", status_code=400)
        except PayloadLocked as error:
            return PlainTextResponse(f"{error}\n", status_code=422)
        return Response(MessageToJson(Payloads(payloads=turned)), media_type="application/json")

    return turning
