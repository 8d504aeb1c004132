"""Flags in a definition file of flagd's, which whoever evaluates them watches."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from activities.files import one_at_a_time, replace_file
from activities.flags.definition import Json, document_of, state_of, text_of, with_state
from workflows.domain.errors import Diverged, Refused, TargetMissing, Unavailable
from workflows.domain.release.flags import FlagState, drift

_LOCKED_WITHIN = timedelta(seconds=10)


class FlagdFile:
    """One file; it is replaced by rename, so that no reader sees half of a change."""

    def __init__(self, *, file: Path) -> None:
        self._file = file

    def read(self, key: str) -> FlagState:
        """See FlagProvider."""
        return state_of(self._document(), key, str(self._file))

    def write(
        self,
        wanted: FlagState,
        *,
        instead_of: FlagState,
        beat: Callable[[], object],  # noqa: ARG002 - a file takes no time
    ) -> None:
        """See FlagProvider: read, compared and replaced while no other release does."""
        # The file itself, where a link of that name is what flagd was told of.
        file = self._file.resolve()
        lock = file.with_name(f".{file.name}.lock")
        try:
            with one_at_a_time(lock, within=_LOCKED_WITHIN):
                self._replace(file, wanted, instead_of)
        except PermissionError as error:
            raise self._closed(error) from error

    def _replace(self, file: Path, wanted: FlagState, instead_of: FlagState) -> None:
        document = self._document()
        found = state_of(document, wanted.key, str(self._file))
        if told := drift(instead_of, found):
            raise Diverged(f"{self._file}: {told}; it is left as it is")
        changed = text_of(with_state(document, wanted, str(self._file)))
        replace_file(file, changed, mode=stat.S_IMODE(file.stat().st_mode))

    def _document(self) -> Json:
        try:
            raw = self._file.read_bytes()
        except FileNotFoundError as error:
            raise TargetMissing(
                f"{self._file}: no such file; a flag provider of type flagd is a file of flag "
                "definitions"
            ) from error
        except PermissionError as error:
            raise self._closed(error) from error
        except OSError as error:
            raise Unavailable(f"{self._file}: cannot be read: {error.strerror}") from error
        return document_of(raw, str(self._file))

    def _closed(self, error: PermissionError) -> Refused:
        return Refused(
            f"{self._file}: the worker may not do this: {error.strerror}; it has to read the "
            "file and to write into its folder"
        )
