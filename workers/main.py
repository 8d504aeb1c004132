"""lockgate-worker POOL…: run the chosen pools until told to stop."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import structlog

from infra.exits import run_and_leave
from infra.logging import configure_logging
from infra.settings import Settings, SettingsError, load_settings
from infra.temporal import TemporalUnreachable
from workers.expected import tell_briefly
from workers.fleet import PoolStopped
from workers.health import DependencyUnfit, DependencyUnreachable
from workers.http import AddressTaken
from workers.ledger_command import LEDGER, run_ledger
from workers.pools import ALL, POOLS, chosen
from workers.running import Told, serve
from workers.versioning import NotMadeCurrent

log = structlog.get_logger(__name__)

_MISUSED = 2
_TRY_LATER = 75  # sysexits' EX_TEMPFAIL: a supervisor should start the worker again

_ABOUT = """\
Run Lockgate's worker: it carries releases out and holds the credentials for it.

A pool is one task queue with the credentials its port needs, so that each process
can be given few of them. `all` runs every pool in one process: right for one machine.

pools:
{pools}
"""

_EXAMPLES = """\
examples:
  lockgate-worker all                    everything, as `lockgate dev up` runs it
  lockgate-worker stories decisions      only what holds no credential of the outside
  lockgate-worker cloud --wait 300       keep trying for five minutes while systems come up
  lockgate-worker ledger current         which revision the ledger's schema is at
  lockgate-worker ledger upgrade         bring it to this build's, as its owner; then end

environment:
  LOCKGATE_SETTINGS     the settings file (TOML); `lockgate dev up` writes one
  TEMPORAL_*            where Temporal is: Temporal's own variables and profiles
  LOCKGATE_BUILD_ID     names this build; without it, the digest of the installed source
  LOCKGATE_LOG_LEVEL    DEBUG, INFO (default), WARNING or ERROR

exit codes: 0 told to stop and drained, 1 failed, 2 wrong usage or settings,
75 Temporal or a dependency did not answer within --wait
"""


def main() -> NoReturn:
    run_and_leave(run)


def run(arguments: Sequence[str] | None = None) -> int:
    """Parse, load the settings, serve; the answer is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [LEDGER]:
        return run_ledger(given[1:])
    options = _parser().parse_args(given)
    configure_logging(level=options.log_level)
    tell_briefly()
    try:
        settings = load_settings()
        # Never closed: after a forced end its tasks would be waited for, and the process is
        # about to leave anyway.
        runner = asyncio.Runner()
        return runner.run(_until_told(settings, options))
    except (SettingsError, AddressTaken, DependencyUnfit) as error:
        return _complain(error, code=_MISUSED)
    except (TemporalUnreachable, DependencyUnreachable) as error:
        return _complain(error, code=_TRY_LATER)


async def _until_told(settings: Settings, options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    try:
        await serve(settings, chosen(options.pools), wait=options.wait, stop=stop)
    except Told:
        log.info("worker_stopped_before_it_began")
    except (PoolStopped, NotMadeCurrent) as error:
        log.exception("worker_failed")
        return _complain(error, code=1)
    return 0


def _parser() -> argparse.ArgumentParser:
    served = "\n".join(f"  {name:<12}{pool.caption}" for name, pool in POOLS.items())
    parser = argparse.ArgumentParser(
        prog="lockgate-worker",
        description=_ABOUT.format(pools=served),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "pools",
        nargs="+",
        metavar="POOL",
        choices=[ALL, *POOLS],
        help=f"a pool's name, or `{ALL}`",
    )
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for Temporal, and for what the settings name (default 60)",
    )
    parser.add_argument(
        "--log-level",
        default=os.environ.get("LOCKGATE_LOG_LEVEL", "INFO").upper(),
        choices=["DEBUG", "INFO", "WARNING", "ERROR"],
        help="default INFO, or LOCKGATE_LOG_LEVEL",
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: expected a positive number of seconds")
    return seconds


def _complain(error: Exception, *, code: int) -> int:
    sys.stderr.write(f"lockgate-worker: {error}\n")
    return code


if __name__ == "__main__":
    main()
