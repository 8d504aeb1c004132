"""The local stack as a story: up, down, how it fares, and what happens when a part is killed."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.component import Component, Site
from infra.local.components import (
    COMPONENTS,
    MONITORING,
    OPT_IN,
    STOPPED_FIRST,
    component,
    select,
)
from infra.local.credentials import keep_credentials
from infra.local.errors import NotAvailable, StackError
from infra.local.flag_files import prepare_flags
from infra.local.home import Home, write_private
from infra.local.objects import remove_sockets
from infra.local.ours import WORKER
from infra.local.packages import obtain_monitoring, present_monitoring
from infra.local.ports import keep_ports
from infra.local.processes import command_line, end_leftovers, of_stack
from infra.local.schedule_files import write_schedules
from infra.local.settings_file import write_settings
from infra.local.starting import Started, Starter
from infra.local.supervision import Process, Supervisor, program_config

Report = Callable[[Started], None]
Note = Callable[[str], None]


def _silent(_event: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Up:
    """A stack that is up; `already` when it was before it was asked for."""

    site: Site
    seconds: float
    already: bool


@dataclass(frozen=True)
class Health:
    """One program of the stack; `problem` says why it is not well, empty when it is."""

    name: str
    state: str
    pid: int
    seconds_up: int
    problem: str
    log: Path


def up(
    home: Home,
    *,
    without: frozenset[str] = frozenset(),
    added: frozenset[str] = frozenset(),
    report: Report = _silent,
    note: Note = _silent,
) -> Up:
    """Start what is not healthy yet; a stack that is up is only verified.

    `report` hears of each component as it becomes healthy, `note` of what is worth a line.

    Raises:
        StackError: a component does not become healthy; what this call started is down again.
    """
    began = time.monotonic()
    select(without=without, added=added)  # refused before anything is touched
    home.create()
    with home.locked():
        supervisor = Supervisor(home)
        was_up = supervisor.answers()
        if not was_up:
            _clear(home, note)
        ports = keep_ports(home.ports, running=was_up)
        added = added | _added(home)
        site = Site(home, ports, keep_credentials(home), _monitoring(home, note), added)
        chosen = select(without=without, added=added)
        if site.monitoring is None:
            chosen = tuple(one for one in chosen if one.name not in MONITORING)
        before = {name for name, one in supervisor.processes().items() if one.alive}
        fresh: list[Started] = []
        told_anew = _write_files(site, chosen)
        try:
            supervisor.read_programs() if was_up else supervisor.start()
            if was_up and told_anew and WORKER in chosen:
                supervisor.stop([WORKER.name])  # it reads its settings when it starts
            starter = Starter(site, supervisor, _both(report, fresh))
            starter.start_all(chosen)
        except BaseException:
            _undo(home, chosen, before)
            raise
    already = was_up and all(started.already for started in fresh)
    return Up(site, seconds=time.monotonic() - began, already=already)


def down(home: Home) -> bool:
    """Stop everything, the deployed versions included; False when nothing ran.

    Raises:
        StackError: a process of the stack outlives even a SIGKILL.
    """
    if not home.root.exists():
        return False
    with home.locked():
        ran = Supervisor(home).answers() or bool(of_stack(home))
        _take_down(home)
    return ran


def status(home: Home) -> list[Health]:
    """Every program of a stack with its health; empty when it is down."""
    supervisor = Supervisor(home)
    processes = supervisor.processes()
    if not processes:
        return []
    site = running_site(home)
    probes = {one.name: one.problem for one in COMPONENTS}
    listed = []
    for name, process in processes.items():
        problem = _problem(process, probes.get(name), site)
        health = Health(
            name, process.state, process.pid, process.seconds_up, problem, home.log(name)
        )
        listed.append(health)
    return listed


def _problem(process: Process, probe: Callable[[Site], str | None] | None, site: Site) -> str:
    if process.state == "STOPPED":  # on purpose: what dies is started again
        return ""
    if not process.alive:
        return process.error or process.state.lower()
    return (probe(site) or "") if probe else ""


def kill(home: Home, name: str) -> float:
    """SIGKILL a component and wait until its successor is healthy: the seconds that took.

    Raises:
        StackError: no such component runs, or it does not come back.
    """
    target = component(name)
    supervisor = Supervisor(home)
    process = supervisor.processes().get(name)
    if process is None or process.pid == 0:
        raise StackError(f"{name}: does not run; start it with `lockgate dev up`")
    began = time.monotonic()
    os.kill(process.pid, signal.SIGKILL)
    starter = Starter(running_site(home), supervisor, _silent)
    starter.wait(target, other_than=process.pid)
    return time.monotonic() - began


def restart(home: Home, name: str) -> float:
    """Stop a component in order and start it again: the seconds until it is healthy.

    Raises:
        StackError: the stack is down, or the component does not become healthy.
    """
    target = component(name)
    supervisor = Supervisor(home)
    if name not in supervisor.processes():
        raise StackError(f"{name}: does not run; start it with `lockgate dev up`")
    began = time.monotonic()
    supervisor.stop([name])
    Starter(running_site(home), supervisor, _silent).start_all([target])
    return time.monotonic() - began


def _monitoring(home: Home, note: Note) -> Path | None:
    try:
        return obtain_monitoring(home)
    except NotAvailable as why:
        note(
            f"prometheus: not available here ({why}); "
            "the demo reads metrics from Envoy's exposition endpoint"
        )
        return None


def running_site(home: Home) -> Site:
    """The stack as it was started, for whoever looks at it later."""
    ports = keep_ports(home.ports, running=True)
    return Site(home, ports, keep_credentials(home), present_monitoring(home), _added(home))


def _added(home: Home) -> frozenset[str]:
    """The opt-ins of a stack that is up, which stay until it goes down."""
    return frozenset(name for name in OPT_IN if (home.programs / f"{name}.conf").exists())


def _write_files(site: Site, chosen: tuple[Component, ...]) -> bool:
    """Whether the worker's settings are other ones than before."""
    before = site.home.settings.read_text("utf-8") if site.home.settings.exists() else ""
    write_settings(site)
    write_schedules(site)
    prepare_flags(site)
    for one in chosen:
        write_private(site.home.programs / f"{one.name}.conf", program_config(one, site))
    return site.home.settings.read_text("utf-8") != before


def _undo(home: Home, chosen: tuple[Component, ...], before: set[str]) -> None:
    """Stop what a failed `up` started, and no more: all of it where nothing ran before."""
    with _undisturbed():
        if before:
            Supervisor(home).stop(one.name for one in chosen if one.name not in before)
        else:
            _take_down(home)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second, impatient Ctrl-C not leave half a stack behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _both(report: Report, kept: list[Started]) -> Report:
    def told(started: Started) -> None:
        kept.append(started)
        report(started)

    return told


def _clear(home: Home, note: Note) -> None:
    """Undo what a supervisord that was killed left: its processes and what it was told."""
    orphans = of_stack(home)
    if orphans:
        note(f"found {len(orphans)} processes of a stack whose supervisor died; ending them")
        _end(home)
    for stale in home.programs.iterdir():
        stale.unlink()


def _take_down(home: Home) -> None:
    supervisor = Supervisor(home)
    if supervisor.answers():
        supervisor.stop(STOPPED_FIRST)
        supervisor.stop(supervisor.processes())
        supervisor.shut_down()
    _end(home)
    if home.control.parent != home.root:
        shutil.rmtree(home.control.parent, ignore_errors=True)
    if home.ports.exists():
        remove_sockets(keep_ports(home.ports, running=True))


def _end(home: Home) -> None:
    survivors = end_leftovers(home)
    if survivors:
        listed = "; ".join(f"{pid} {command_line(pid)}" for pid in survivors)
        raise StackError(f"still running after SIGKILL: {listed}; end them, then try again")
