"""The door for Alertmanager's webhook: who may call, what is read, and what is answered."""

import hmac
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from starters.alerts.alert_delivery import NotDelivered, Told
from starters.alerts.alert_notice import NotANotice, read_notice
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.release.commands import Alert

log = structlog.get_logger(__name__)

LARGEST = 1024 * 1024
"""Bytes of a notice; Alertmanager's of a hundred alerts has some fifty thousand."""

_AT_ONCE = 64

Deliver = Callable[[Sequence[Alert]], Awaitable[tuple[Told, ...]]]


class _TooLarge(Exception):
    """The body is longer than any notice."""


def application(deliver: Deliver, *, token: str) -> Starlette:
    """`POST /alerts` for whoever shows *token*, and `GET /healthz` for anybody."""

    async def alerts(request: Request) -> Response:
        if not _shows(request, token):
            log.warning("alert_caller_refused", caller=request.client and request.client.host)
            return PlainTextResponse(
                "show the token: Authorization: Bearer …\n",
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        try:
            notice = read_notice(await _body(request))
        except _TooLarge:
            return PlainTextResponse(f"at most {LARGEST} bytes\n", status_code=413)
        except NotANotice as error:
            log.warning("alert_notice_unreadable", reason=str(error))
            return PlainTextResponse(f"not a notice of Alertmanager: {error}\n", status_code=400)
        except ClientDisconnect:
            return PlainTextResponse("gone\n", status_code=400)
        for alert in notice.resolved:
            log.info("alert_resolved", alert=alert.name, fingerprint=alert.fingerprint)
        if notice.truncated:
            log.warning("alerts_truncated", missing=notice.truncated)
        try:
            told = await deliver(notice.firing)
        except NotDelivered as error:
            log.warning("alerts_not_delivered", reason=str(error))
            return PlainTextResponse(f"{error}\n", status_code=503)
        return JSONResponse({"told": [one._asdict() for one in told]})

    return Starlette(
        routes=[
            Route("/alerts", alerts, methods=["POST"]),
            Route("/healthz", _alive, methods=["GET"]),
        ]
    )


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _shows(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(shown.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"


async def _body(request: Request) -> bytes:
    """The body, read no further than a notice can be long.

    Raises:
        _TooLarge: it goes on.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise _TooLarge
    return bytes(body)


async def serve(app: Starlette, host: str, port: int) -> None:
    """Serve *app* until the process is told to end.

    Raises:
        CommandFailed: somebody else listens there, or the host is not this machine's.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise CommandFailed(
            f"--host {host} --port {port}: cannot listen there: {error.strerror}; "
            "choose another port, or 0 for a free one",
            ExitCode.USAGE,
        ) from error
    log.info("alerts_listening", address=f"http://{host}:{listener.getsockname()[1]}/alerts")
    # Its own loggers would bring their own handlers and format.
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        lifespan="off",
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    await uvicorn.Server(config).serve(sockets=[listener])
