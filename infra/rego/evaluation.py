"""Evaluates the rules of a package over one input, and finds which rule said what."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regorus

from infra.rego.syntax import Broken, Module, Rule, parsed, problem_of, reads_of

SAYINGS = ("deny", "warn", "require")
"""What a package of rules may define: sets of messages."""

MOST = 100
"""So many messages of one name; a rule that says more is broken."""

_KEY = re.compile(r"^\w+\s+contains\s+(?P<key>.+?)\s*$", re.DOTALL)


def evaluated(question: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules of the question's `package` say about its `input`.

    Raises:
        Broken: they cannot be evaluated, say nothing at all, or say no set of messages.
    """
    package, text = question["package"], json.dumps(question["input"])
    modules = parsed(question["files"])
    rules = [rule for module in modules for rule in module.rules if rule.package == package]
    names = [name for name in SAYINGS if any(rule.name == name for rule in rules)]
    if not names:
        raise _broken(f"package {package} defines none of {', '.join(SAYINGS)}")
    engine = _engine({module.file: module.text for module in modules}, text)
    said = {name: _messages(engine, package, name, rules) for name in names}
    if any(said.values()):
        _place(said, modules, rules, text)
    return {"problems": [], "said": said, "reads": reads_of(modules)}


def _engine(files: Mapping[str, str], text: str) -> regorus.Engine:
    engine = regorus.Engine()
    engine.set_gather_prints(True)
    for file, source in files.items():
        engine.add_policy(file, source)
    engine.set_input_json(text)
    return engine


def _messages(
    engine: regorus.Engine, package: str, name: str, rules: Sequence[Rule]
) -> list[dict[str, Any]]:
    """The values of the set *name*, each at the line of the first rule of that name."""
    first = next(rule for rule in rules if rule.name == name)
    place: dict[str, Any] = {"file": first.file, "line": first.line}
    try:
        values = json.loads(engine.eval_rule_as_json(f"data.{package}.{name}"))
    except RuntimeError as error:
        raise Broken([problem_of(error, first.file)]) from error
    if not isinstance(values, list):
        found = "undefined" if values == _UNDEFINED else "no set of messages"
        raise _broken(f"{package}.{name} is {found}", **place)
    if len(values) > MOST:
        raise _broken(f"{package}.{name} has {len(values)} messages, at most {MOST}", **place)
    alone = sum(rule.name == name for rule in rules) == 1
    return [{"value": value, **(place if alone else _NOWHERE)} for value in values]


_UNDEFINED = "<undefined>"
_NOWHERE = {"file": "", "line": 0}


def _place(
    said: Mapping[str, list[dict[str, Any]]],
    modules: Sequence[Module],
    rules: Sequence[Rule],
    text: str,
) -> None:
    """Fill in which rule said each message, by a copy of each rule that adds its own place.

    The copies stand below their modules, under a name of their own, so that nothing that refers
    to the rules changes. Where a copy cannot be made or evaluated, places stay as they are.
    """
    copies = {module.file: [*_copies(module, rules)] for module in modules}
    files = {m.file: "\n".join([m.text, *copies[m.file]]) for m in modules}
    package = rules[0].package
    for name, messages in said.items():
        try:
            found = json.loads(
                _engine(files, text).eval_rule_as_json(f"data.{package}.{_of(name)}")
            )
        except RuntimeError:
            continue
        places = {json.dumps(value, sort_keys=True): place for value, place in reversed(found)}
        for message in messages:
            message.update(places.get(json.dumps(message["value"], sort_keys=True), {}))


def _copies(module: Module, rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        if rule.file != module.file or rule.name not in SAYINGS or rule.kind != "Set":
            continue
        if (written := _KEY.match(rule.head)) is not None:
            place = json.dumps({"file": rule.file, "line": rule.line})
            yield f"{_of(rule.name)} contains [{written['key']}\n, {place}] {rule.body}"


def _of(name: str) -> str:
    return f"lockgate_place_of_{name}"


def _broken(message: str, file: str = "", line: int = 0) -> Broken:
    return Broken([{"file": file, "line": line, "column": 1 if line else 0, "message": message}])
