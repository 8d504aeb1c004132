"""Supervisord as the stack's parent process: its files, its start, and what it is asked."""

import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from infra.local.component import Component, Site
from infra.local.environment import clean_environment
from infra.local.errors import StackError
from infra.local.home import Home, write_private

_POLL_SECONDS = 0.05
_WITHOUT_WAITING = False  # the interface takes it by position only
_ALIVE = frozenset({"STARTING", "RUNNING"})
_ENDED = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})


@dataclass(frozen=True)
class Process:
    """One program as supervisord sees it; `pid` is 0 while it does not run."""

    name: str
    state: str
    pid: int
    seconds_up: int
    error: str

    @property
    def alive(self) -> bool:
        return self.state in _ALIVE


def daemon_config(home: Home) -> str:
    """Supervisord's own file: programs come from the two included folders."""
    escaped = _literal(str(home.root))
    return f"""\
[unix_http_server]
file={_literal(str(home.control))}
chmod=0700

[supervisord]
identifier=lockgate
directory={escaped}
logfile={escaped}/logs/supervisord.log
pidfile={escaped}/supervisord.pid
childlogdir={escaped}/logs
nocleanup=true
umask=077

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files={home.programs.name}/*.conf {home.workloads.relative_to(home.root)}/*.conf
"""


def program_config(component: Component, site: Site) -> str:
    """The file of one component: started by `up` alone, started again whenever it dies."""
    environment = ",".join(
        f'{name}="{_literal(value)}"' for name, value in component.environment(site).items()
    )
    return f"""\
[program:{component.name}]
command={_literal(shlex.join(component.command(site)))}
directory={_literal(str(component.directory))}
environment={environment}
autostart=false
autorestart=true
startsecs=1
startretries=20
stopsignal={component.stop_signal}
stopwaitsecs={component.stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={_literal(str(site.home.log(component.name)))}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def _literal(text: str) -> str:
    return text.replace("%", "%%")


class Supervisor:
    """The supervisord of one state directory."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def answers(self) -> bool:
        """Whether it runs and takes requests."""
        try:
            with self._calls() as supervisor:
                supervisor.getState()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def start(self) -> None:
        """Start it as a daemon; it listens once this returns.

        Raises:
            StackError: it does not start.
        """
        config = self._home.root / "supervisord.conf"
        write_private(config, daemon_config(self._home))
        command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord"]
        done = subprocess.run(
            [*command, "-c", str(config)],
            env=clean_environment(self._home),
            cwd=self._home.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not self.answers():
            said = (done.stdout + done.stderr).strip().splitlines()
            reason = next((line for line in said if line.startswith("Error")), "no reason given")
            raise StackError(
                f"supervisord: did not start: {reason}; "
                f"its log is {self._home.root / 'logs' / 'supervisord.log'}"
            )

    def read_programs(self) -> None:
        """Take up program files that were added since it started."""
        with self._calls() as supervisor:
            [[added, _changed, _removed]] = supervisor.reloadConfig()
            for group in added:
                supervisor.addProcessGroup(group)

    def processes(self) -> dict[str, Process]:
        """Every program it knows, the deployed versions included; empty while it is down."""
        try:
            with self._calls() as supervisor:
                return {entry["name"]: _process(entry) for entry in supervisor.getAllProcessInfo()}
        except OSError:
            return {}

    def run(self, name: str) -> None:
        """Start a program unless it runs already; does not wait for it."""
        with self._calls() as supervisor, _tolerating(Faults.ALREADY_STARTED):
            supervisor.startProcess(name, _WITHOUT_WAITING)

    def stop(self, names: Iterable[str]) -> None:
        """Stop programs side by side and wait until none of them runs."""
        wanted = set(names)
        with self._calls() as supervisor:
            for name in wanted:
                with _tolerating(Faults.NOT_RUNNING, Faults.BAD_NAME):
                    supervisor.stopProcess(name, _WITHOUT_WAITING)
        while any(
            process.state not in _ENDED
            for name, process in self.processes().items()
            if name in wanted
        ):
            time.sleep(_POLL_SECONDS)

    def shut_down(self) -> None:
        """End supervisord with all it still runs; returns when it no longer answers."""
        with self._calls() as supervisor:
            supervisor.shutdown()
        while self.answers():
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def _calls(self) -> Iterator[Any]:
        # A connection per use: the transport is not safe to share between threads.
        transport = SupervisorTransport(None, None, f"unix://{self._home.control}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
            yield proxy.supervisor
        finally:
            transport.close()


def _process(entry: dict[str, Any]) -> Process:
    running = entry["pid"] != 0
    return Process(
        name=entry["name"],
        state=entry["statename"],
        pid=entry["pid"],
        seconds_up=entry["now"] - entry["start"] if running else 0,
        error=entry["spawnerr"],
    )


@contextmanager
def _tolerating(*codes: int) -> Iterator[None]:
    try:
        yield
    except xmlrpc.client.Fault as fault:
        if fault.faultCode not in codes:
            raise
