"""Leaving a process for good: everything flushed, the interpreter's teardown skipped.

Temporal's SDK may abort in that teardown, after the work is done (sdk-python issue 300): a
program that succeeded then ends with exit code 134 or 139. Every entry point leaves through here.
"""

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

_INTERRUPTED = 128 + signal.SIGINT


def run_and_leave(program: Callable[[], int | None]) -> NoReturn:
    """Run *program* and end the process with its answer as exit code; None means success.

    SystemExit keeps its code, an interrupt is 130, and a bug prints its trace and is 1.
    """
    leave(_code_of(program))


def leave(code: int) -> NoReturn:
    """Flush standard output, standard error and logging, then end the process at once."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # Started without the stream, or its reader is gone: nobody is left to tell.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)


def _code_of(program: Callable[[], int | None]) -> int:
    try:
        return program() or 0
    except SystemExit as stop:
        return _code_of_stop(stop)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BaseException:  # noqa: BLE001 - the last frame: the interpreter would do the same
        traceback.print_exc()
        return 1


def _code_of_stop(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code
    sys.stderr.write(f"{stop.code}\n")
    return 1
