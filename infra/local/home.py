"""The state directory of one stack: where each file is, readable by its owner alone."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import StackError
from infra.sign_in import LOCAL_FILE

HOME_VARIABLE = "LOCKGATE_HOME"
ENVIRONMENTS = ("staging", "production")
SERVICES = ("checkout", "payments", "inventory")

# A unix socket's address holds 107 bytes; supervisord binds `<path>.<pid>` before it renames.
_LONGEST_SOCKET_PATH = 95
# Supervisord expands, cuts or quotes at these, in some fields twice.
_UNSPEAKABLE = frozenset('%;"\n')


@dataclass(frozen=True)
class Home:
    """Paths below the state directory `root`, which is absolute."""

    root: Path

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.json"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def temporal_config(self) -> Path:
        return self.root / "temporal.toml"

    @property
    def schedules(self) -> Path:
        """What the stack starts by the clock beside Lockgate's own schedules, if anything."""
        return self.root / "schedules"

    @property
    def identity(self) -> Path:
        """Where people of this stack sign in, for the command line and for the worker."""
        return self.root / LOCAL_FILE

    @property
    def builds(self) -> Path:
        return self.root / "builds.json"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def approles(self) -> Path:
        return self.vault / "approles"

    @property
    def alert_token(self) -> Path:
        """What Alertmanager shows at the door for alerts."""
        return self.data("alerts") / "token"

    @property
    def programs(self) -> Path:
        """Program files of the stack's own components."""
        return self.root / "components.d"

    @property
    def workloads(self) -> Path:
        """Program files that the deployment platform adds: versions of the shop's services."""
        return self.root / "platform" / "conf.d"

    @property
    def control(self) -> Path:
        """Supervisord's socket; elsewhere when this directory's path is too long for one."""
        here = self.root / "supervisor.sock"
        if len(os.fsencode(here)) <= _LONGEST_SOCKET_PATH:
            return here
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"lockgate-{os.getuid()}-{name}" / "supervisor.sock"

    def data(self, component: str) -> Path:
        return self.root / component

    def settled(self, component: str) -> Path:
        """Present once a component has its contents, for as long as this supervisord lives."""
        return self.programs / f"{component}.settled"

    def log(self, component: str) -> Path:
        return self.root / "logs" / f"{component}.log"

    def envoy(self, environment: str) -> Path:
        return self.root / "envoy" / environment

    def flags(self, environment: str) -> Path:
        """The definitions of an environment's feature flags, in a folder of their own."""
        return self.root / "flags" / environment / "flags.json"

    def platform(self, environment: str) -> Path:
        return self.root / "platform" / environment

    def create(self) -> None:
        """Make the directories, mode 0700; harmless when they are there.

        Raises:
            StackError: the directory cannot be made, belongs to somebody else, or has a name that
                supervisord's files cannot hold.
        """
        unspeakable = sorted(_UNSPEAKABLE & set(str(self.root)))
        if unspeakable:
            raise StackError(
                f"{self.root}: supervisord cannot work in a path with {' '.join(unspeakable)}; "
                f"set {HOME_VARIABLE} to another directory"
            )
        folders = [self.root, self.root / "logs", self.programs, self.workloads, self.approles]
        folders += [self.vault, self.workloads.parent, self.root / "envoy"]
        folders += [self.platform(environment) for environment in ENVIRONMENTS]
        folders += [self.envoy(environment) for environment in ENVIRONMENTS]
        folders += [self.root / "flags", *(self.flags(each).parent for each in ENVIRONMENTS)]
        folders.append(self.control.parent)
        try:
            for folder in folders:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise StackError(
                f"{error.filename}: cannot be made private to you: {error.strerror}; "
                f"set {HOME_VARIABLE} to a directory of your own"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the stack for one command at a time.

        Raises:
            StackError: another `up` or `down` is at work on this directory.
        """
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StackError(
                    f"{self.root}: another `lockgate dev` command is at work here; "
                    "wait for it to end, then run this again"
                ) from error
            yield


def find_home(given: Path | None = None) -> Home:
    """The directory given, or the one LOCKGATE_HOME names, or `.lockgate` here."""
    named = given or Path(os.environ.get(HOME_VARIABLE) or ".lockgate")
    return Home(named.resolve())


def write_private(path: Path, text: str) -> None:
    """Replace a file whole, mode 0600 from its first byte, so that no reader sees half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)
