"""Prometheus and Alertmanager, unpacked from Debian's packages without root or installation."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from infra.local.errors import NotAvailable
from infra.local.home import Home

_PACKAGES = ("prometheus", "prometheus-alertmanager")
_PROGRAMS = ("prometheus", "prometheus-alertmanager")
_BUILT_IN_FOLDER = b"/usr/share/prometheus/alertmanager"
# Where Alertmanager has to be started, seen from the folder of the programs.
TEMPLATES = Path("../share/prometheus/alertmanager")

_APT_LISTS = Path("/var/lib/apt/lists")
_APT_SECONDS = 60


def obtain_monitoring(home: Home) -> Path:
    """The folder with `prometheus` and `prometheus-alertmanager`, downloaded at most once.

    A copy per package version stays in the cache directory, for the next clone.

    Raises:
        NotAvailable: this is no Debian, or apt cannot reach its mirror.
    """
    if present := present_monitoring(home):
        return present
    unpacked = _cached() or _download()
    linked = _link(home)
    linked.parent.mkdir(mode=0o700, exist_ok=True)
    linked.unlink(missing_ok=True)
    linked.symlink_to(unpacked)
    return linked / "usr" / "bin"


def present_monitoring(home: Home) -> Path | None:
    """The same folder where this stack has it already; asks neither apt nor the network."""
    return _link(home) / "usr" / "bin" if _complete(_link(home)) else None


def _link(home: Home) -> Path:
    return home.root / "components" / "monitoring"


def _complete(folder: Path) -> bool:
    return all((folder / "usr" / "bin" / program).exists() for program in _PROGRAMS)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lockgate"


def _cached() -> Path | None:
    """The newest complete copy, so that a second clone asks neither apt nor the network."""
    copies = [copy for copy in _cache().glob("monitoring-*") if _complete(copy)]
    return max(copies, key=lambda copy: copy.stat().st_mtime, default=None)


def _download() -> Path:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise NotAvailable(f"no {tool} here, and no copy in {_cache()}")
    _refresh_lists()
    _cache().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_cache(), prefix=".download-") as work:
        folder = Path(work)
        _run(["apt-get", "download", "-q", *_apt_options(), *_PACKAGES], folder=folder)
        archives = sorted(folder.glob("*.deb"))
        versions = "-".join(archive.name.split("_")[1] for archive in archives)
        for archive in archives:
            _run(["dpkg-deb", "-x", archive.name, "root"], folder=folder)
        _free_of_system_templates(folder / "root" / "usr" / "bin" / "prometheus-alertmanager")
        kept = _cache() / f"monitoring-{versions}"
        if not kept.exists():
            (folder / "root").rename(kept)
    if not _complete(kept):
        raise NotAvailable(f"{kept} lacks {' or '.join(_PROGRAMS)}; remove it and try again")
    return kept


def _free_of_system_templates(alertmanager: Path) -> None:
    """Let Debian's Alertmanager find its templates without being installed.

    Its build opens `default.tmpl` in an absolute folder and has no option for another. A path of
    the same length that means the current directory takes that place; see TEMPLATES.
    """
    here = b"." + b"/." * ((len(_BUILT_IN_FOLDER) - 1) // 2)
    here += b"/" * (len(_BUILT_IN_FOLDER) - len(here))
    # Not the two longer paths below that folder, which serve the web pages.
    inside = re.compile(re.escape(_BUILT_IN_FOLDER) + rb"(?!/)")
    alertmanager.write_bytes(inside.sub(here, alertmanager.read_bytes()))


def _refresh_lists() -> None:
    """`apt-get update`, only where it is allowed and nothing was ever listed."""
    if any(_APT_LISTS.glob("*_Packages*")):
        return
    if os.geteuid() != 0:
        raise NotAvailable("apt's package lists are missing; run `apt-get update` as root once")
    _run(["apt-get", "update", "-q", *_apt_options()], folder=Path("/"))


def _apt_options() -> list[str]:
    return ["-o", "Acquire::http::Timeout=5", "-o", "Acquire::Retries=1"]


def _run(command: list[str], *, folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_APT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotAvailable(f"`{command[0]}` took over {_APT_SECONDS} s") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise NotAvailable(f"`{' '.join(command[:2])}`: {said[-1] if said else 'failed'}")
