"""The process in which rules are evaluated: one question in, one answer out, then it is gone.

Run as `python -I -m infra.rego.child SECONDS MEBIBYTES`. What is evaluated was written by others
and may be hostile: endless, greedy, or deep enough to overrun the stack. The kernel ends it.
"""

import json
import resource
import sys
from typing import Any

_LARGEST = 4 * 1024 * 1024


def main(arguments: list[str]) -> None:
    """Answer the question on standard input; the limits are those of *arguments*."""
    _confine(seconds=int(arguments[0]), memory=int(arguments[1]) * 1024 * 1024)
    question = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(answer(question))


def answer(question: dict[str, Any]) -> str:
    """The answer as JSON; what is wrong with the rules is an answer too."""
    # Not before the limits hold: as it loads, the engine's allocator takes a GiB of addresses
    # if it may, and every later request would fail.
    from infra.rego.evaluation import evaluated  # noqa: PLC0415
    from infra.rego.proving import proved  # noqa: PLC0415
    from infra.rego.syntax import Broken, checked  # noqa: PLC0415

    answers = {"check": checked, "evaluate": evaluated, "test": proved}
    try:
        found = json.dumps(answers[question["mode"]](question))
    except Broken as broken:
        return json.dumps({"problems": broken.problems})
    except RecursionError:
        return _whole("the rules are nested too deeply")
    except MemoryError:
        return _whole("the rules ran out of memory")
    if len(found) > _LARGEST:
        return _whole(f"the rules answer with more than {_LARGEST // 1024} KiB")
    return found


def _whole(message: str) -> str:
    return json.dumps({"problems": [{"file": "", "line": 0, "column": 0, "message": message}]})


def _confine(*, seconds: int, memory: int) -> None:
    """Let the kernel end this process past its limits, and let it write no file, not even a core.

    The engine knows no network and no files; none of its functions that would reach out is called
    (see `syntax`).
    """
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
