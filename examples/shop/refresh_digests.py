"""Writes the digests of the shop's builds into the release files that name them.

python -m examples.shop.refresh_digests            write them
python -m examples.shop.refresh_digests --check    only tell, exit code 1 if one is out of date
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from examples.shop.build import digests

RELEASES = Path(__file__).parent / "releases"
SERVICE = re.compile(
    r"(?P<head>- name: (?P<name>\S+)\n +version: (?P<version>\S+)\n +artifact: \{digest: )"
    r"(?P<digest>sha256:[0-9a-f]{64})"
)


def refreshed(text: str) -> str:
    """*text* of a release file with the digest of each service as it builds now.

    Raises:
        KeyError: it names a version that cannot be built.
    """
    built = digests()
    return SERVICE.sub(lambda m: m["head"] + built[m["name"]][m["version"]], text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Bring every release file up to date, or say which is not."""
    parser = argparse.ArgumentParser(prog="refresh_digests.py", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    stale = []
    for path in sorted(RELEASES.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if (fresh := refreshed(text)) != text:
            stale.append(path)
            if not check:
                path.write_text(fresh, encoding="utf-8")
    for path in stale:
        print(f"{path.name}: {'out of date' if check else 'updated'}")
    if check and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
