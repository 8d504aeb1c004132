"""CloudFormation templates as they are written: parameters, resources, and what is wrong."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from starters.files.problems import FieldPath, Place, Problem, field_name, nearest
from starters.files.stack_parameters import Declared
from starters.files.written import NodeReading, Written, read_text

LARGEST = 51_200
"""Bytes that CloudFormation takes with a call; a larger template would have to lie in a bucket."""

_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_A_TEMPLATE = re.compile(r"^(AWSTemplateFormatVersion|Resources)\s*:", re.MULTILINE)
_A_DOCUMENT = re.compile(r"^(apiVersion|kind)\s*:", re.MULTILINE)
_SHORT = {"!Ref": "Ref", "!Condition": "Condition"}


@dataclass(frozen=True)
class StackTemplate:
    """What a template declares, with where it is written."""

    written: Written
    parameters: Mapping[str, Declared]
    resources: Mapping[str, str]
    """Each resource's type by its name in the template."""
    unreadable: tuple[FieldPath, ...] = ()
    """Where something makes resources that cannot be told from here: transforms and loops."""

    def place_of(self, resource: str) -> Place:
        return self.written.place_of_key(("Resources", resource))


def is_stack_template_file(path: Path) -> bool:
    """Whether a YAML file is a template, and no document of ours, by its first level."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False  # whoever reads it for what it is says why it cannot be read
    return bool(_A_TEMPLATE.search(text)) and not _A_DOCUMENT.search(text)


def read_stack_template(file: str, text: str) -> tuple[StackTemplate | None, tuple[Problem, ...]]:
    """The template in *text*, and each problem with its place in *file*; None if it is none."""
    written, problems = read_text(file, text, _TemplateReading)
    if problems and (plain := _as_json(file, text)) is not None:
        written, problems = [plain], []  # JSON may be indented with tabs, which YAML refuses
    if problems:
        return None, tuple(problems)
    root = written[0] if written else None
    if root is None or len(written) > 1 or not isinstance(root.value, dict):
        message = "is no CloudFormation template; expected one mapping with Resources"
        return None, (Problem(Place(file), "", message),)
    template = StackTemplate(
        written=root,
        parameters=dict(_parameters(root)),
        resources=dict(_resources(root)),
        unreadable=tuple(_unreadable(root)),
    )
    return template, (*_oversized(file, text), *_problems(template))


def _as_json(file: str, text: str) -> Written | None:
    """JSON without the places of its parts, or None where it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return Written(value, Place(file), {(): Place(file)}, {}, {})


class _TemplateReading(NodeReading):
    """Reads the short forms of functions, `!Ref Name`, as the long ones that they stand for.

    What YAML 1.1 and 1.2 read differently is left alone: CloudFormation reads it, not we.
    """

    def read(self, node: Node, path: FieldPath) -> JsonValue:
        tag = str(node.tag)
        if not tag.startswith("!") or len(tag) == 1:
            return super().read(node, path)
        self.values[path] = self._place(node)
        name = _SHORT.get(tag, f"Fn::{tag[1:]}")
        inner = (*path, name)
        self.values[inner] = self.values[path]
        if isinstance(node, MappingNode):
            return {name: dict(self.pairs(node, inner))}
        if isinstance(node, SequenceNode):
            return {name: [self.read(item, (*inner, at)) for at, item in enumerate(node.value)]}
        self.texts[inner] = str(cast("ScalarNode", node).value)
        return {name: self.texts[inner]}

    def _text(self, text: str, path: FieldPath, *, plain: bool) -> JsonValue:  # noqa: ARG002
        return text

    def _number(self, text: str, kind: str, path: FieldPath) -> JsonValue:
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            return self._text(text, path, plain=True)


def _section(root: Written, name: str) -> Mapping[str, JsonValue]:
    value = root.value
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _parameters(root: Written) -> Iterator[tuple[str, Declared]]:
    for name, body in _section(root, "Parameters").items():
        if isinstance(body, dict):
            yield name, Declared.of(body, texts=_texts(root, ("Parameters", name)))


def _texts(root: Written, path: FieldPath) -> Mapping[FieldPath, str]:
    """What is written below *path*, as it is written: `010` is not 10."""
    size = len(path)
    return {at[size:]: text for at, text in root.texts.items() if at[:size] == path}


def _resources(root: Written) -> Iterator[tuple[str, str]]:
    for name, body in _section(root, "Resources").items():
        if isinstance(body, dict) and isinstance(kind := body.get("Type"), str):
            yield name, kind


def _unreadable(root: Written) -> Iterator[FieldPath]:
    if isinstance(root.value, dict) and root.value.get("Transform"):
        yield ("Transform",)
    for name in _section(root, "Resources"):
        if name.startswith("Fn::"):
            yield ("Resources", name)


def _oversized(file: str, text: str) -> Iterator[Problem]:
    if (size := len(text.encode())) > LARGEST:
        message = f"has {size:,} bytes; CloudFormation takes at most {LARGEST:,}: split the stack"
        yield Problem(Place(file), "", message)


def _problems(template: StackTemplate) -> Iterator[Problem]:
    root = template.written
    for path, message in (*_misplaced(root), *_untyped(root)):
        yield Problem(root.place_of_key(path), field_name(path), message)
    for path, message in _dangling(template):
        yield Problem(root.place_of(path), field_name(path), message)
    for name, declared in template.parameters.items():
        if declared.default is not None and (why := declared.refuses(declared.default)):
            path = ("Parameters", name, "Default")
            yield Problem(root.place_of(path), field_name(path), why)


def _misplaced(root: Written) -> Iterator[tuple[FieldPath, str]]:
    value = cast("dict[str, JsonValue]", root.value)
    for name, section in value.items():
        if name not in _SECTIONS:
            yield (name,), f"is no section of a template; {nearest(name, _SECTIONS)}"
        elif name in {"Parameters", "Resources", "Outputs"} and not isinstance(section, dict):
            yield (name,), "expected a mapping by name"
    if not _section(root, "Resources"):
        yield ("Resources",), "is missing; a template makes at least one resource"


def _untyped(root: Written) -> Iterator[tuple[FieldPath, str]]:
    for section, what in (("Resources", "AWS::S3::Bucket"), ("Parameters", "String")):
        for name, body in _section(root, section).items():
            if name.startswith("Fn::"):
                continue
            kind = body.get("Type") if isinstance(body, dict) else None
            if not isinstance(kind, str):
                yield (section, name), f"has no Type, such as {what}"


def _dangling(template: StackTemplate) -> Iterator[tuple[FieldPath, str]]:
    """References to what the template does not have; with a transform nobody can tell."""
    if template.unreadable:
        return
    root = template.written
    known = {*template.resources, *_section(root, "Parameters"), *_section(root, "Resources")}
    for section in ("Resources", "Outputs"):
        for path, name in _references(dict(_section(root, section)), (section,)):
            if name not in known and not name.startswith("AWS::"):
                yield path, f"{name} is no parameter or resource here; {nearest(name, known)}"


def _references(value: JsonValue, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _references(item, (*path, at))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str) and len(value) == 1:
                yield path, inner
            elif key == "Fn::GetAtt" and (name := _attribute_of(inner)):
                yield path, name
            else:
                yield from _references(inner, (*path, key))


def _attribute_of(written: JsonValue) -> str:
    """The resource of `Name.Attribute` or `[Name, Attribute]`."""
    if isinstance(written, list):
        return written[0] if written and isinstance(written[0], str) else ""
    return written.partition(".")[0] if isinstance(written, str) else ""
