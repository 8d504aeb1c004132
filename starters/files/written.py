"""YAML 1.2 text as JSON values that remember where each part was written."""

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from starters.files.problems import FieldPath, Place, Problem, field_name, shown

LARGEST = 1024 * 1024
"""Bytes of a file; nobody reviews a longer one."""
MOST_PARTS = 50_000
"""Values of a file once its aliases are followed, so that a few lines cannot fill the memory."""

_TAG = "tag:yaml.org,2002:"
_SWITCHES = frozenset({"on", "off", "yes", "no"})
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_HARMLESS = frozenset("\n\t\u200c\u200d")  # line ends, and the joiners of scripts and emoji
_BASES = {"0o": 8, "0x": 16}


@dataclass(frozen=True)
class Written:
    """One document: its value as JSON, and where its keys and values stand.

    `texts` holds the scalars as they were written, without quotes; `refused` the places whose
    values are no good as YAML already.
    """

    value: JsonValue
    start: Place
    values: Mapping[FieldPath, Place]
    keys: Mapping[FieldPath, Place]
    texts: Mapping[FieldPath, str]
    refused: frozenset[FieldPath] = frozenset()

    def place_of(self, path: FieldPath) -> Place:
        """Where the value at *path* is, or what comes closest around it."""
        for length in range(len(path), -1, -1):
            if (place := self.values.get(path[:length])) is not None:
                return place
        return self.start

    def place_of_key(self, path: FieldPath) -> Place:
        """Where the name of the field at *path* is written."""
        return self.keys.get(path) or self.place_of(path)

    def at(self, path: FieldPath) -> JsonValue:
        """The value at *path*.

        Raises:
            LookupError: there is none.
        """
        value: Any = self.value
        for part in path:
            if isinstance(value, str) or value is None:
                raise LookupError(f"nothing at {field_name(path)}")
            value = value[part]
        found: JsonValue = value
        return found


def read_yaml(path: Path) -> tuple[list[Written], list[Problem]]:
    """Every document of the file that is not empty, and what is wrong with it as YAML."""
    file = shown(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        return [], [_whole(file, f"cannot be read: {error.strerror}")]
    if len(raw) > LARGEST:
        return [], [_whole(file, f"is larger than {LARGEST // 1024} KiB; split it")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [], [Problem(Place(file, line), "", "is not UTF-8 text; save it as UTF-8")]
    return read_text(file, text)


def read_text(
    file: str, text: str, reader: type["NodeReading"] | None = None
) -> tuple[list[Written], list[Problem]]:
    """The same of a text that was read already; *reader* may know more than plain values."""
    documents: list[Written] = []
    problems: list[Problem] = []
    try:
        for node in YAML(typ="safe", pure=True).compose_all(text):
            reading = (reader or NodeReading)(file)
            value = reading.read(node, ())
            problems += reading.problems
            if value is not None:
                documents.append(reading.document(node, value))
    except MarkedYAMLError as error:
        problems.append(_syntax(file, error))
    except YAMLError as error:
        problems.append(_whole(file, f"is not YAML: {str(error).splitlines()[0]}"))
    except RecursionError:
        problems.append(_whole(file, "is nested too deeply, or holds itself through an alias"))
    except _TooMuch:
        message = f"holds more than {MOST_PARTS} values, those of its aliases counted each time"
        problems.append(_whole(file, message))
    return documents, problems


def _whole(file: str, message: str) -> Problem:
    return Problem(Place(file), "", message)


def _syntax(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    found = error.problem or str(error).splitlines()[0]
    if "'\\t'" in found:
        found = "a tab; YAML indents with spaces only"
    elif "mapping values are not allowed" in found:
        found = "a `: ` where none can be; quote text that holds one, or mend the indentation"
    context = f" {error.context}" if error.context else ""
    if error.context_mark and mark and error.context_mark.line != mark.line:
        context += f" that begins in line {error.context_mark.line + 1}"
    return Problem(place, "", f"is not YAML{context}: {found}")


class _TooMuch(Exception):
    """The document has more parts than a person can have meant."""


@dataclass
class NodeReading:
    """Turns the nodes of one document into JSON, and notes places and problems as it goes."""

    file: str
    values: dict[FieldPath, Place] = field(default_factory=dict)
    keys: dict[FieldPath, Place] = field(default_factory=dict)
    texts: dict[FieldPath, str] = field(default_factory=dict)
    refused: set[FieldPath] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def document(self, root: Node, value: JsonValue) -> Written:
        return Written(
            value=value,
            start=self._place(root),
            values=self.values,
            keys=self.keys,
            texts=self.texts,
            refused=frozenset(self.refused),
        )

    def read(self, node: Node, path: FieldPath) -> JsonValue:
        if len(self.values) >= MOST_PARTS:
            raise _TooMuch
        self.values[path] = self._place(node)
        tag = str(node.tag)
        if isinstance(node, MappingNode) and tag == f"{_TAG}map":
            return dict(self.pairs(node, path))
        if isinstance(node, SequenceNode) and tag == f"{_TAG}seq":
            return [self.read(item, (*path, at)) for at, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, tag, path)
        return self._refuse(path, f"tag {tag} is not allowed; write plain values")

    def pairs(self, node: MappingNode, path: FieldPath) -> Iterator[tuple[str, JsonValue]]:
        seen: dict[str, Place] = {}
        for key, value in node.value:
            place = self._place(key)
            if not isinstance(key, ScalarNode) or str(key.tag) == f"{_TAG}merge":
                self._refuse_key(place, path, "a field's name is plain text")
                continue
            name = str(key.value)
            inner = (*path, name)
            if name in seen:
                self._refuse_key(
                    place, inner, f"is written twice; first in line {seen[name].line}"
                )
                continue
            seen[name] = self.keys[inner] = place
            found = self.read(value, inner)
            yield name, found
            if found is None and not self.texts.get(inner):
                self.values[inner] = place  # nothing stands nowhere: point to its name

    def _scalar(self, node: ScalarNode, tag: str, path: FieldPath) -> JsonValue:
        text = self.texts[path] = str(node.value)
        kind = tag.removeprefix(_TAG)
        if kind in {"str", "timestamp"}:  # YAML 1.2 has no timestamps: they are text
            return self._text(text, path, plain=node.style is None)
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if kind == "bool":
            return self._text(text, path, plain=True)
        if kind in {"int", "float"}:
            return self._number(text, kind, path)
        return self._refuse(path, f"tag {tag} is not allowed; write plain values")

    def _text(self, text: str, path: FieldPath, *, plain: bool) -> JsonValue:
        if plain and text.lower() in _SWITCHES:
            truth = "true" if text.lower() in {"on", "yes"} else "false"
            return self._refuse(
                path,
                f"found {text} without quotes, which YAML 1.1 tools read as {truth}; "
                f'write "{text}"',
                value=text,
            )
        hidden = [c for c in text if unicodedata.category(c) in _HIDDEN and c not in _HARMLESS]
        if hidden:
            return self._refuse(
                path, f"holds the invisible character U+{ord(hidden[0]):04X}; take it out"
            )
        return text

    def _number(self, text: str, kind: str, path: FieldPath) -> JsonValue:
        digits = text.lstrip("+-")
        if digits.startswith("0") and digits.isdigit() and digits != "0":
            plain = digits.lstrip("0") or "0"
            return self._refuse(
                path,
                f"found {text}, which YAML 1.1 tools read in base 8; "
                f'write {plain}, or "{text}" if it is text',
            )
        try:
            number = _whole_number(text) if kind == "int" else float(text.replace("_", ""))
        except ValueError:
            return self._refuse(path, f"found {text}, which is not a number")
        if not math.isfinite(number):
            return self._refuse(path, f"found {text}; expected a number with an end")
        return number

    def _refuse(self, path: FieldPath, message: str, *, value: JsonValue = None) -> JsonValue:
        """Note the problem; the value stands in, so that the rest of the document is read too."""
        self.refused.add(path)
        self.problems.append(Problem(self.values[path], field_name(path), message))
        return value

    def _refuse_key(self, place: Place, path: FieldPath, message: str) -> None:
        self.refused.add(path)
        self.problems.append(Problem(place, field_name(path), message))

    def _place(self, node: Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _whole_number(text: str) -> int:
    digits = text.replace("_", "")
    return int(digits, _BASES.get(digits.lstrip("+-")[:2].lower(), 10))
