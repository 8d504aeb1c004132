"""structlog over stdlib logging: JSON lines for machines, plain text on a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor
from temporalio import activity, workflow

# What Temporal's loggers attach as one nested dictionary, in this product's vocabulary.
_KEYS = {
    "workflow_id": "workflow",
    "run_id": "run",
    "workflow_run_id": "run",
    "activity_type": "activity",
    "attempt": "attempt",
    "task_queue": "queue",
}

# Local variables of a traceback may hold a credential.
_EXCEPTIONS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))

_TEXT = structlog.dev.ConsoleRenderer(
    colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
)

_PLUMBING = ("temporal_log", "__temporal_error_identifier", "color_message")

# Libraries that narrate each request, and each pool's every step of its shutdown.
_QUIET = ("httpx", "httpcore", "botocore", "urllib3", "uvicorn.access", "temporalio.worker")


def configure_logging(
    *, level: str = "INFO", stream: TextIO | None = None, json: bool | None = None
) -> None:
    """Send every log line, ours and the libraries', to *stream* (standard error) once.

    Lines are JSON unless *stream* is a terminal; *json* decides it instead.
    """
    stream = stream or sys.stderr
    as_json = not stream.isatty() if json is None else json
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(as_json=as_json))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Otherwise Temporal appends the same facts as text to the event, which is a key for queries.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(*, as_json: bool) -> logging.Formatter:
    rendering: list[Processor] = (
        [_EXCEPTIONS, structlog.processors.JSONRenderer(default=str)] if as_json else [_TEXT]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder(), _in_our_words],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _in_our_words(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Flatten what Temporal's loggers attach; drop the objects that do not print."""
    for attached in ("temporal_workflow", "temporal_activity"):
        facts = event.pop(attached, None) or {}
        for theirs, ours in _KEYS.items():
            if theirs in facts:
                event.setdefault(ours, facts[theirs])
    for unprintable in _PLUMBING:
        event.pop(unprintable, None)
    return event
