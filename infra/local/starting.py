"""Starts components side by side, each as soon as what it needs is settled."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from infra.local.component import Component, Site
from infra.local.components import MAY_BE_LEFT_OUT
from infra.local.errors import StackError
from infra.local.supervision import Process, Supervisor

_DEADLINE_SECONDS = 20.0
# A program that keeps dying this long after its start does not get well by waiting.
_DYING_SECONDS = 4.0
_POLL_SECONDS = 0.05
_TAIL_LINES = 8


@dataclass(frozen=True)
class Started:
    """A component is healthy and has its contents; `seconds` is how long that took."""

    component: str
    seconds: float
    already: bool = False


class _Abandoned(Exception):
    """Another component failed; this one need not be waited for."""


class Starter:
    """Brings components of one site to health under its supervisor."""

    def __init__(
        self, site: Site, supervisor: Supervisor, report: Callable[[Started], None]
    ) -> None:
        self._site = site
        self._supervisor = supervisor
        self._report = report
        self._failed = threading.Event()

    def start_all(self, components: Iterable[Component]) -> None:
        """Return when all are healthy.

        Raises:
            StackError: one is not; the message holds the end of its log and what to do.
        """
        ordered = list(components)
        started: dict[str, Future[None]] = {}
        try:
            with ThreadPoolExecutor(len(ordered), thread_name_prefix="start") as pool:
                for component in ordered:
                    needed = [started[name] for name in component.needs if name in started]
                    started[component.name] = pool.submit(self._start_after, needed, component)
        except KeyboardInterrupt:
            self._failed.set()
            raise
        errors = [future.exception() for future in started.values()]
        told = [error for error in errors if error and not isinstance(error, _Abandoned)]
        if told:
            raise told[0]

    def wait(self, component: Component, *, other_than: int = 0) -> None:
        """Wait until the component is healthy, as another process than pid `other_than`.

        Raises:
            StackError: it is not, in time.
        """
        began = time.monotonic()
        while problem := self._problem(component, other_than):
            elapsed = time.monotonic() - began
            process = self._supervisor.processes().get(component.name)
            dying = process is not None and process.state in {"BACKOFF", "FATAL"}
            if elapsed > _DEADLINE_SECONDS or (dying and elapsed > _DYING_SECONDS):
                raise StackError(self._failure(component, problem, process))
            if self._failed.wait(_POLL_SECONDS):
                raise _Abandoned

    def _start_after(self, needed: list[Future[None]], component: Component) -> None:
        if any(future.exception() for future in needed):
            raise _Abandoned
        try:
            self._start(component)
        except BaseException:
            self._failed.set()
            raise

    def _start(self, component: Component) -> None:
        began = time.monotonic()
        settled = self._site.home.settled(component.name)
        healthy = self._problem(component, 0) is None
        if healthy and settled.exists():
            self._report(Started(component.name, 0.0, already=True))
            return
        if not healthy:
            component.prepare(self._site)
            self._supervisor.run(component.name)
            self.wait(component)
        self._settle(component)
        settled.touch()
        self._report(Started(component.name, time.monotonic() - began))

    def _settle(self, component: Component) -> None:
        began = time.monotonic()
        while True:
            try:
                component.settle(self._site)
            except component.unsettled as error:
                if time.monotonic() - began > _DEADLINE_SECONDS:
                    process = self._supervisor.processes().get(component.name)
                    raise StackError(self._failure(component, str(error), process)) from error
            else:
                return
            if self._failed.wait(_POLL_SECONDS):
                raise _Abandoned

    def _problem(self, component: Component, other_than: int) -> str | None:
        process = self._supervisor.processes().get(component.name)
        if process is None or not process.alive or process.pid in {0, other_than}:
            return process.error or process.state.lower() if process else "not started"
        if component.problem is None:
            return None if process.state == "RUNNING" else process.state.lower()
        return component.problem(self._site)

    def _failure(self, component: Component, problem: str, process: Process | None) -> str:
        name = component.name
        log = self._site.home.log(name)
        state = process.state.lower() if process else "not started"
        lines = [f"{name}: not healthy ({state}): {problem}", f"  the end of {log}:"]
        lines += [f"    {line}" for line in last_lines(log, _TAIL_LINES)] or ["    (empty)"]
        remedy = f"mend what the log names (all of it: lockgate dev logs {name}), then up again"
        if name in MAY_BE_LEFT_OUT:
            remedy += f", or go without it: lockgate dev up --without {name}"
        return "\n".join([*lines, f"  what to do: {remedy}"])


def last_lines(log: Path, count: int) -> list[str]:
    """The end of a log file; empty while there is none."""
    if not log.exists():
        return []
    return log.read_text("utf-8", errors="replace").splitlines()[-count:]
