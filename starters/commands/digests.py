"""Content addresses as people type them."""

import re

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.values import Digest

_DIGEST = re.compile(r"(?:.*@)?(?:sha256:)?([0-9a-f]{64})")


def digest(written: str) -> Digest:
    """Read `sha256:…`, the bare 64 digits, or an image's name that ends with them.

    Raises:
        CommandFailed: it holds no digest; a tag is none, because it can move.
    """
    found = _DIGEST.fullmatch(written.strip().lower())
    if found is None:
        raise CommandFailed(
            f"{written!r} is no digest: expected sha256: and 64 hexadecimal digits; a version or "
            "a tag will not do, because it can move",
            ExitCode.USAGE,
        )
    return f"sha256:{found[1]}"
