"""Asks a process of its own about rules, and says in its place what became of one that died."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass

_CHILD = "infra.rego.child"
_PATIENCE = 10
"""Wall-clock seconds for each second of processor time: a busy machine is no broken rule."""

_TOO_DEEP = "or it calls itself without an end"


@dataclass(frozen=True)
class RegoProcess:
    """A new process for each question: nothing is left of a rule that misbehaved.

    Starting one takes about 20 ms. *seconds* of processor time and *memory* MiB of address space,
    of which an empty process takes 60, are what a question may need; then the kernel ends it.
    """

    seconds: int = 2
    memory: int = 512

    def answer(self, question: str) -> str:
        """The answer to *question*, both JSON; a process that died is an answer with a problem.

        Safe to run again, and from several threads at once.
        """
        try:
            # The child's own module by this very interpreter, without the caller's environment.
            child = subprocess.run(  # noqa: S603
                [sys.executable, "-I", "-m", _CHILD, str(self.seconds), str(self.memory)],
                input=question.encode(),
                capture_output=True,
                timeout=self.seconds * _PATIENCE,
                check=False,
                env={},
            )
        except subprocess.TimeoutExpired:
            return _problem(f"the rules ran out of time: {self.seconds * _PATIENCE} s")
        if child.returncode == 0:
            return child.stdout.decode()
        return _problem(self._why(child.returncode, child.stderr.decode(errors="replace")))

    def _why(self, code: int, said: str) -> str:
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return f"the rules ran out of time: {self.seconds} s of the processor"
        if code == -signal.SIGSEGV:
            return f"the rules ran out of memory: the stack is full, {_TOO_DEEP}"
        if code == -signal.SIGABRT or "MemoryError" in said:
            return f"the rules ran out of memory: {self.memory} MiB"
        last = said.strip().splitlines()[-1:] or ["without a word"]
        return f"the process that evaluates rules ended with {code}: {last[0]}"


def _problem(message: str) -> str:
    return json.dumps({"problems": [{"file": "", "line": 0, "column": 0, "message": message}]})
