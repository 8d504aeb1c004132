"""Whether an evidence pack is what was exported, and the record in it what was sealed."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from pydantic import AwareDatetime, JsonValue, ValidationError

from workflows.domain.audit import DECISION, Link, broken
from workflows.domain.audit_log.archive import NotThePack, unpacked
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.manifest import Manifest, read_manifest
from workflows.domain.audit_log.note import NoteUntrusted, SigningKey, opened, read_key
from workflows.domain.audit_log.pack import (
    CHAINS,
    KEYS,
    MANIFEST,
    SEALS,
    ChainFile,
    ChainPart,
    digests,
    read_json_lines,
)
from workflows.domain.audit_log.proof import Proof, Seal, newest_of, unproved
from workflows.domain.canonical import content_digest
from workflows.domain.values import Value

ValueT = TypeVar("ValueT", bound=Value)


class Examination(Value):
    """What a pack holds, and everything that is wrong with it; whole where nothing is."""

    flaws: tuple[str, ...] = ()
    parts: tuple[ChainPart, ...] = ()
    keys: tuple[str, ...] = ()
    at: AwareDatetime | None = None
    by: str = ""
    newest: Checkpoint | None = None

    @property
    def records(self) -> int:
        return sum(len(part.links) for part in self.parts)


def examine(archive: bytes, *, trusted: Collection[str] = ()) -> Examination:
    """Examine every byte of *archive*; with *trusted* keys, none but these may have signed.

    Without, a pack whose every signature was made anew with another key is as good as the first:
    compare the keys that it names with those that you know from elsewhere.
    """
    try:
        files, differs = unpacked(archive)
    except NotThePack as error:
        return Examination(flaws=(str(error),))
    flaws: list[str] = []
    keys = _keys(files, trusted, flaws)
    manifest = _manifest(files, keys, flaws)
    newest = _newest(files, keys, flaws)
    parts = tuple(_parts(files, newest, flaws))
    if differs is not None and not flaws:
        flaws.append(f"byte {differs} of the file is not what was exported")
    return Examination(
        flaws=tuple(flaws),
        parts=parts,
        keys=tuple(str(key) for key in keys),
        at=manifest.at if manifest else None,
        by=manifest.by if manifest else "",
        newest=newest,
    )


def _keys(
    files: Mapping[str, bytes], trusted: Collection[str], flaws: list[str]
) -> tuple[SigningKey, ...]:
    found = []
    for number, line in enumerate(_text(files, KEYS).removesuffix("\n").split("\n"), start=1):
        try:
            found.append(read_key(line))
        except NoteUntrusted as error:
            flaws.append(f"{KEYS} line {number}: {error}")
            continue
        if trusted and line not in trusted:
            flaws.append(f"{KEYS} line {number}: {line} is none of the keys that you trust")
    return tuple(found)


def _manifest(
    files: Mapping[str, bytes], keys: tuple[SigningKey, ...], flaws: list[str]
) -> Manifest | None:
    try:
        manifest = read_manifest(opened(_text(files, MANIFEST), keys))
    except NoteUntrusted as error:
        flaws.append(f"{MANIFEST}: {error}")
        return None
    there = digests({name: content for name, content in files.items() if name != MANIFEST})
    for name in sorted(manifest.files.keys() | there.keys()):
        if name not in there:
            flaws.append(f"{name} is missing")
        elif name not in manifest.files:
            flaws.append(f"{name} was added")
        elif there[name] != manifest.files[name]:
            flaws.append(f"{name} was changed")
    return manifest


def _newest(
    files: Mapping[str, bytes], keys: tuple[SigningKey, ...], flaws: list[str]
) -> Checkpoint | None:
    try:
        return newest_of(_read(files, SEALS, Seal), keys)
    except NoteUntrusted as error:
        flaws.append(f"{SEALS}: {error}")
        return None


def _parts(
    files: Mapping[str, bytes], newest: Checkpoint | None, flaws: list[str]
) -> Iterator[ChainPart]:
    try:
        lines = _read(files, CHAINS, ChainFile)
    except NoteUntrusted as error:
        flaws.append(f"{CHAINS}: {error}")
        return
    for line in lines:
        try:
            part = ChainPart(
                chain=line.chain,
                links=_read(files, line.records_file, Link),
                proofs=_read(files, line.proofs_file, Proof),
                decisions=tuple(_lines(files, line.decisions_file)),
            )
        except NoteUntrusted as error:
            flaws.append(str(error))
            continue
        flaws += (f"{line.chain}: {flaw}" for flaw in _chain_flaws(line, part, newest))
        yield part


def _chain_flaws(line: ChainFile, part: ChainPart, newest: Checkpoint | None) -> Iterator[str]:
    if (flaw := broken(part.links, head=line.head)) is not None:
        yield flaw
    if part.links and part.links[0].chain != part.chain:
        yield f"its records are of {part.links[0].chain}"
    held = (len(part.links), len(part.proofs), len(part.decisions))
    if held != (line.records, line.proofs, line.decisions):
        yield (
            f"{held[0]} records, {held[1]} proofs and {held[2]} rulings are there; exported were "
            f"{line.records}, {line.proofs} and {line.decisions}"
        )
    if held[1] < held[0]:
        yield f"position {held[1] + 1} and what follows is under no checkpoint"
    if newest is not None:
        yield from unproved(part.links, part.proofs, newest)
    yield from _ruling_flaws(part)


def _ruling_flaws(part: ChainPart) -> Iterator[str]:
    """Each ruling must be the one that the record names; one that is named must be there."""
    entries = [link.entry for link in part.links if link.entry.action == DECISION]
    named = {entry.detail for entry in entries}
    there = [content_digest(decision) for decision in part.decisions]
    for number, digest in enumerate(there, start=1):
        if digest not in named:
            yield f"ruling {number} is not one that the record names: it was changed, or put there"
    for digest in sorted(named.difference(there)):
        yield f"ruling {digest}, which the record names, is missing"


def _read(files: Mapping[str, bytes], name: str, kind: type[ValueT]) -> tuple[ValueT, ...]:
    found = []
    for number, value in enumerate(_lines(files, name), start=1):
        try:
            read = kind.model_validate(value)
        except ValidationError:
            raise NoteUntrusted(f"{name} line {number}: not a {kind.__name__}") from None
        if read.model_dump(mode="json") != value:
            raise NoteUntrusted(f"{name} line {number}: not as a {kind.__name__} is written")
        found.append(read)
    return tuple(found)


def _lines(files: Mapping[str, bytes], name: str) -> list[JsonValue]:
    if name not in files:
        raise NoteUntrusted(f"{name} is missing")
    return read_json_lines(name, files[name])


def _text(files: Mapping[str, bytes], name: str) -> str:
    return files.get(name, b"").decode(errors="replace")
