"""The demo: the shop goes from v1 to v2 with an approval, and a bad v3 turns back by itself.

Everything is real: Temporal, OpenBao, PostgreSQL, Envoy, S3 and Prometheus run on this machine,
a load generator sends orders all the while, and Lockgate is driven by its own command line.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKGATE = str(Path(sys.executable).with_name("lockgate"))
HOME = Path(os.environ.get("LOCKGATE_HOME", ".lockgate"))
PATIENCE = 15 * 60
"""Seconds after which the demo gives a release up; each takes one to three minutes."""

HEALTHY, ROLLED_BACK, AWAITING = 0, 20, 11


class DemoFailed(Exception):
    """The demo did not go as it must; the message says where."""


@dataclass(frozen=True)
class Act:
    """One release of the demo: what it shows, and how it must end."""

    version: str
    title: str
    ends: int


ACTS = (
    Act("v1", "v1, the first version: nothing to compare with, all traffic at once", HEALTHY),
    Act("v2", "v2, a good version of all three services: canary by canary to 100 %", HEALTHY),
    Act("v3", "v3, a checkout that fails 15 % of its orders: back to 0 % by itself", ROLLED_BACK),
)


def lockgate(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one command; its output is for the demo, its errors for the reader."""
    done = subprocess.run([LOCKGATE, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    if check and done.returncode != 0:
        raise DemoFailed(f"lockgate {' '.join(words)}: {done.stderr.strip() or done.stdout}")
    return done


def status_of(name: str) -> dict[str, Any]:
    shown = lockgate("status", name, "-o", "json", check=False)
    try:
        found: dict[str, Any] = json.loads(shown.stdout)
    except ValueError:
        raise DemoFailed(f"lockgate status {name}: {shown.stderr.strip()}") from None
    return found


@contextmanager
def waiting(act: Act) -> Iterator[subprocess.Popen[str]]:
    """Start the release as CI does, `--wait`, its progress lines on the screen."""
    file = HERE / "releases" / f"{act.version}.yaml"
    command = [LOCKGATE, "start", str(file), "--by", "ci", "--again", "--wait"]
    process = subprocess.Popen(command, text=True)  # noqa: S603 - our own command line
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def approve_when_asked(name: str, process: subprocess.Popen[str], until: float) -> None:
    """Ana approves once the gate of production is open; a release may end before it."""
    while process.poll() is None:
        if time.monotonic() > until:
            raise DemoFailed(f"{name} did not reach its gate; see lockgate status {name}")
        if lockgate("status", name, check=False).returncode == AWAITING:
            lockgate("approve", name, "--by", "ana", "--note", "seen in staging")
            print(f"  >> lockgate approve {name} --by ana", flush=True)
            return
        time.sleep(1)


def play(act: Act) -> dict[str, Any]:
    """Carry one release to its end; its status, when it ended as it must."""
    name = f"shop-{act.version}"
    print(f"\n== {act.title}", flush=True)
    until = time.monotonic() + PATIENCE
    with waiting(act) as process:
        approve_when_asked(name, process, until)
        code = process.wait(timeout=max(1.0, until - time.monotonic()))
    if code != act.ends:
        raise DemoFailed(
            f"{name} ended with exit code {code}, not {act.ends}: see lockgate status {name}"
        )
    return status_of(name)


def seconds(status: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(status[key]) for key in ("startedAt", "endedAt"))
    return (ended - began).total_seconds()


def summary(endings: list[dict[str, Any]]) -> str:
    """What happened, how long it took, and whom it touched."""
    lines = ["", "== What happened", ""]
    for status in endings:
        exposure = status["exposure"]
        lines.append(
            f"  {status['name']:8} {status['phase']:11} in {seconds(status):5.0f} s   "
            f"{exposure['requests']:5} requests on the new version, {exposure['failed']} failed"
        )
        lines.append(f"           {status['reason']}")
    return "\n".join(lines)


def where_to_look() -> str:
    """The addresses that `dev up` prints of a stack that is up already, and three commands."""
    addresses = lockgate("dev", "up").stdout
    return (
        f"\n== Where to look\n\n{addresses}\n"
        "  lockgate status shop-v3         what it did and why\n"
        "  lockgate events shop-v3         every action and decision, as recorded\n"
        "  lockgate audit verify shop-v3   proof that the record was not changed\n"
    )


def main() -> int:
    print("== The local stack: every component a real one, on loopback", flush=True)
    subprocess.run([LOCKGATE, "dev", "up"], check=True)  # noqa: S603 - our own command line
    print("\n== The builds: immutable, named by their content", flush=True)
    build = [sys.executable, "-m", "examples.shop.build", "all", "--publish"]
    subprocess.run([*build, str(HOME / "builds.json")], check=True)  # noqa: S603 - our own builder
    endings = [play(act) for act in ACTS]
    for act in ACTS:
        lockgate("audit", "verify", f"shop-{act.version}")
    print(summary(endings))
    print("  every record verified: no entry changed, missing or out of place")
    print(where_to_look())
    if os.environ.get("LOCKGATE_DEMO_KEEP") != "1":
        print("The stack stops now; `make dev` starts it again with these releases in it.")
        subprocess.run([LOCKGATE, "dev", "down"], check=True)  # noqa: S603 - our own command line
    print("\ndemo: passed")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (DemoFailed, subprocess.CalledProcessError) as error:
        print(f"\ndemo: failed: {error}", file=sys.stderr)
        sys.exit(1)
