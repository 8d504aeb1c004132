"""The demo: a good version goes to 100 %, bad ones turn back by themselves, no news is no pass.

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
from pathlib import Path
from typing import Any

from examples.shop.report import Ending, ending, table

HERE = Path(__file__).parent
LOCKGATE = str(Path(sys.executable).with_name("lockgate"))
HOME = Path(os.environ.get("LOCKGATE_HOME", ".lockgate"))
PATIENCE = 15 * 60
"""Seconds after which the demo gives a release up; each takes one to three minutes."""

HEALTHY, AWAITING, HOLDING, ROLLED_BACK, CANCELLED = 0, 11, 13, 20, 22


class DemoFailed(Exception):
    """The demo did not go as it must; the message says where."""


@dataclass(frozen=True)
class Act:
    """One release of the demo: what it shows, how it must end, and which statistic must decide."""

    version: str
    title: str
    shows: str
    ends: int
    decides: str = ""


ACTS = (
    Act(
        "v1",
        "v1, the first version: nothing to compare with, all traffic at once",
        "the first version",
        HEALTHY,
    ),
    Act(
        "v2",
        "v2, a good version of all three services: canary by canary to 100 %",
        "a good version",
        HEALTHY,
    ),
    Act(
        "v3",
        "v3, a checkout that fails 3 % of its orders: back to 0 % by itself",
        "errors +3 %",
        ROLLED_BACK,
        decides="error-rate",
    ),
    Act(
        "v4",
        "v4, a checkout whose slowest orders take 80 % longer: back to 0 % by itself",
        "p99 +80 %",
        ROLLED_BACK,
        decides="latency",
    ),
    Act(
        "v6",
        "v6, a checkout that loses 15 % of its customers, without any error: back to 0 %",
        "conversion -15 %",
        ROLLED_BACK,
        decides="conversion",
    ),
    Act(
        "v7",
        "v7, a good version in staging, where nobody orders: no data is no pass, so it is held",
        "no traffic",
        CANCELLED,
        decides="noData",
    ),
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


def answer(act: Act, process: subprocess.Popen[str], until: float) -> str:
    """Do what a person has to do: Ana approves; she aborts what is to be held for want of data.

    Returns what that release was held for. Any other hold is left to end by itself.
    """
    name, approved = f"shop-{act.version}", False
    while process.poll() is None:
        if time.monotonic() > until:
            raise DemoFailed(f"{name} neither ends nor asks; see lockgate status {name}")
        code = lockgate("status", name, check=False).returncode
        if code == AWAITING and not approved:
            approved = True
            say("approve", name, "--by", "ana", "--note", "seen in staging")
        elif code == HOLDING and act.ends == CANCELLED:
            held = "; ".join(blocker["reason"] for blocker in status_of(name)["blockedBy"])
            say("abort", name, "--by", "ana", "--reason", "nobody orders here")
            return held
        time.sleep(1)
    return ""


def say(*words: str) -> None:
    """A person's word, shown as typed."""
    lockgate(*words)
    print(f"  >> lockgate {' '.join(words)}", flush=True)


def play(act: Act) -> Ending:
    """Carry one release to its end; what came of it, when it ended as it must."""
    name = f"shop-{act.version}"
    print(f"\n== {act.title}", flush=True)
    until = time.monotonic() + PATIENCE
    with waiting(act) as process:
        held = answer(act, process, until)
        code = process.wait(timeout=max(1.0, until - time.monotonic()))
    if code != act.ends:
        raise DemoFailed(
            f"{name} ended with exit code {code}, not {act.ends}: see lockgate status {name}"
        )
    lockgate("audit", "verify", name)
    found = ending(act.shows, status_of(name), held=held)
    if act.decides not in found.why:
        raise DemoFailed(f"{name} was to end for {act.decides}; it ended for: {found.why}")
    return found


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
    print(f"\n== What happened\n\n{table(endings)}\n")
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
