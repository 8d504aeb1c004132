"""lockgate-worker ledger: which revision the ledger's schema is at, and bringing it to the newest.

Workers upgrade it themselves where their login may; where an owner keeps it, the owner runs this.
"""

import argparse
import sys
from collections.abc import Sequence

from activities.ledger import Ledger, LedgerUnfit
from activities.ledger.upgrading import newest
from activities.secrets import open_vault
from infra.settings import Settings, SettingsError, load_settings
from workers.parts import connector, ledger_of
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.names import Queue

LEDGER = "ledger"

_DONE, _MISUSED, _TRY_LATER = 0, 2, 75
_EPILOG = """\
exit codes: 0 done, 2 wrong usage or settings, or a ledger that this build cannot upgrade,
75 the ledger or the vault did not answer
"""


def run_ledger(arguments: Sequence[str]) -> int:
    """Carry out `ledger current` or `ledger upgrade`; the answer is the exit code."""
    parser = argparse.ArgumentParser(
        prog=f"lockgate-worker {LEDGER}",
        description="The schema of the ledger that LOCKGATE_SETTINGS names.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("verb", choices=["current", "upgrade"])
    verb = parser.parse_args(arguments).verb
    try:
        return _carry_out(verb, _ledger(load_settings()))
    except (SettingsError, LedgerUnfit, Refused) as error:
        sys.stderr.write(f"lockgate-worker {LEDGER}: {error}\n")
        return _MISUSED
    except Unavailable as error:
        sys.stderr.write(f"lockgate-worker {LEDGER}: {error}\n")
        return _TRY_LATER


def _carry_out(verb: str, ledger: Ledger) -> int:
    try:
        before = ledger.revision()
        if verb == "upgrade":
            ledger.prepare()
        found = ledger.revision()
    finally:
        ledger.dispose()
    told = f"{ledger.place}: revision {found or 'none'}, this build knows {newest()}"
    changed = "" if before == found else f"; it was {before or 'none'}"
    sys.stdout.write(f"{told}{changed}\n")
    return _DONE


def _ledger(settings: Settings) -> Ledger:
    """Signed in as the pool that writes the record."""
    vault = settings.vault
    folder = vault.approles / Queue.AUDIT
    return ledger_of(settings, open_vault(connector(vault.address), folder))
