"""Log lines that the worker's libraries write of what is expected: shorter, or not at all."""

import logging
import warnings

from workflows.domain.errors import ReleaseError


def tell_briefly() -> None:
    """Call once, after logging is configured.

    A ReleaseError is an answer of the world, so its trace helps nobody: the SDK's line about it
    becomes one with its kind and reason. Traces of bugs stay. Steps are imported anew for each
    run on purpose, so the sandbox need not warn of them.
    """
    logger = logging.getLogger("temporalio.activity")
    if not any(isinstance(each, _Brief) for each in logger.filters):
        logger.addFilter(_Brief())
    logging.captureWarnings(capture=True)
    warnings.filterwarnings("ignore", message=r"Module workflows\.", category=UserWarning)


class _Brief(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        raised = record.exc_info[1] if record.exc_info else None
        if raised is not None and isinstance(raised.__cause__, ReleaseError):
            record.msg, record.args, record.exc_info = "activity_failed", (), None
            record.kind, record.reason = raised.__cause__.kind, str(raised.__cause__)
        return True
