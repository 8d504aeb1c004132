"""The environment that the stack's processes inherit: little, so that no credential leaks in."""

import os

from infra.local.home import Home
from infra.local.processes import STACK_VARIABLE

# The cloud keys and tokens of whoever types `lockgate dev up` are none of the stack's business.
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")


def clean_environment(home: Home) -> dict[str, str]:
    """What to start supervisord with; its processes carry the mark of their stack."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {STACK_VARIABLE: str(home.root), "PYTHONUNBUFFERED": "1"}
