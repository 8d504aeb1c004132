"""Shows a component's log, with the tool everybody knows."""

import subprocess

from infra.local.errors import StackError
from infra.local.home import Home


def show(home: Home, name: str, *, lines: int, follow: bool) -> None:
    """Print the last lines to standard output; with `follow`, go on until interrupted.

    Raises:
        StackError: no such log.
    """
    log = home.log(name)
    if "/" in name or not log.exists():
        present = ", ".join(sorted(path.stem for path in log.parent.glob("*.log"))) or "none"
        raise StackError(f"{name}: no log in {home.root / 'logs'}; there are: {present}")
    try:
        subprocess.run(["tail", "-n", str(lines), *(["-F"] if follow else []), log], check=True)
    except KeyboardInterrupt:
        return
