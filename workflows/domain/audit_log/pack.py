"""An evidence pack: the record of some chains, and all that it takes to believe it without us.

Everything in it is canonical JSON, one value a line, so that one content has one spelling.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from workflows.domain.audit import Link
from workflows.domain.audit_log.note import NoteUntrusted
from workflows.domain.audit_log.proof import Proof, Seal
from workflows.domain.canonical import canonical
from workflows.domain.values import Digest, Value

MANIFEST, KEYS, SEALS, CHAINS = "manifest.txt", "keys.txt", "checkpoints.jsonl", "chains.jsonl"
CONTROLS, INDEX = "controls.json", "index.html"

JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class ChainFile(Value):
    """A line of `chains.jsonl`: which chain a number stands for, and how much there is of it."""

    chain: str
    number: int
    records: int
    head: Digest | None
    proofs: int
    decisions: int

    @property
    def records_file(self) -> str:
        return f"records/{self.number:04d}.jsonl"

    @property
    def proofs_file(self) -> str:
        return f"proofs/{self.number:04d}.jsonl"

    @property
    def decisions_file(self) -> str:
        return f"decisions/{self.number:04d}.jsonl"


class ChainPart(Value):
    """One chain as it is exported; `decisions` are recorded rulings, as JSON."""

    chain: str
    links: tuple[Link, ...]
    proofs: tuple[Proof, ...] = ()
    decisions: tuple[JsonValue, ...] = ()


def chain_files(parts: Sequence[ChainPart]) -> dict[str, bytes]:
    """The files of *parts*, and the list of them."""
    files: dict[str, bytes] = {}
    lines = []
    for number, part in enumerate(parts, start=1):
        line = ChainFile(
            chain=part.chain,
            number=number,
            records=len(part.links),
            head=part.links[-1].hash if part.links else None,
            proofs=len(part.proofs),
            decisions=len(part.decisions),
        )
        lines.append(line)
        files[line.records_file] = json_lines(part.links)
        files[line.proofs_file] = json_lines(part.proofs)
        files[line.decisions_file] = json_lines(part.decisions)
    return {CHAINS: json_lines(lines), **files}


def seal_files(seals: Sequence[Seal], keys: Sequence[str]) -> dict[str, bytes]:
    """The checkpoints, and the keys that signed them and the pack."""
    return {SEALS: json_lines(seals), KEYS: "".join(f"{key}\n" for key in keys).encode()}


def json_lines(values: Sequence[BaseModel | JsonValue]) -> bytes:
    """*values* as canonical JSON, a line each."""
    return "".join(f"{_canonical(value)}\n" for value in values).encode()


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each file, as its manifest has it."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def read_json_lines(name: str, content: bytes) -> list[JsonValue]:
    """The values of a file that `json_lines` wrote.

    Raises:
        NoteUntrusted: a line is not canonical JSON, or the last one is not whole.
    """
    found = []
    lines = content.split(b"\n")
    if lines.pop() != b"":
        raise NoteUntrusted(f"{name} line {len(lines) + 1}: cut in the middle")
    for number, line in enumerate(lines, start=1):
        try:
            value = JSON.validate_json(line)
        except ValidationError:
            raise NoteUntrusted(f"{name} line {number}: not JSON") from None
        if _spelling(value) != line:
            raise NoteUntrusted(f"{name} line {number}: not as JSON is written here")
        found.append(value)
    return found


def _spelling(value: JsonValue) -> bytes:
    try:
        return canonical(value).encode()
    except ValueError:  # a number that JSON cannot say, or half of a surrogate pair
        return b""


def _canonical(value: BaseModel | JsonValue) -> str:
    dumped = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return canonical(json.loads(json.dumps(dumped)))
