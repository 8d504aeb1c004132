"""The catalogs that may be ruled by: policies and people come with an order, from anybody."""

from pathlib import Path

from workflows.domain.errors import PolicyViolated, Unavailable
from workflows.domain.values import Digest


class TrustedCatalogs:
    """Content addresses in a *file*, one on a line; behind a `#` are words for people."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, digest: Digest) -> None:
        """Let the catalog of this digest pass.

        Raises:
            PolicyViolated: it is not listed.
            Unavailable: the list cannot be read.
        """
        if digest not in self._listed():
            raise PolicyViolated(
                f"catalog: {digest} is none that may be ruled by here: release with the catalog "
                "as it is on its protected branch, whose pipeline lists it for the workers"
            )

    def _listed(self) -> frozenset[str]:
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                f"the list of trusted catalogs cannot be read: {type(error).__name__}"
            ) from error
        return frozenset(line.partition("#")[0].strip() for line in text.splitlines())
