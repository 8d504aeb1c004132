"""What a Rego module says of itself, before anything is evaluated: rules, calls, what it reads."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import regorus

Path: TypeAlias = tuple[str, ...]
Problem: TypeAlias = dict[str, Any]
"""`file`, `line`, `column`, `message`; line 0 where the place is not known."""

FORBIDDEN = {
    "http.send": "a rule reaches nothing outside: what it goes by is in `input`",
    "opa.runtime": "a rule knows nothing of the machine, so that it rules alike on each",
    "rand.intn": "a rule that rolls dice cannot be checked again",
    "time.now_ns": "a rule has no clock, so that it can be checked again: use `input.at`",
    "uuid.rfc4122": "a rule that rolls dice cannot be checked again",
}
"""Functions that no rule may call, and why. Some of them the engine leaves undefined, and then the
rule that calls them never fires: what must not be called has to be named before."""

_PLACE = re.compile(r"^--> (?P<file>.+):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)
_MESSAGE = re.compile(r"^error: (?P<message>.+)$", re.MULTILINE)
_TRACE = "Stack backtrace:"


class Broken(Exception):
    """The rules cannot be evaluated; `problems` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(f"{len(self.problems)} problems")


@dataclass(frozen=True)
class Rule:
    """One rule as written; *kind* is that of its head: `Set`, `Compr`, `Func` or `Default`."""

    package: str
    name: str
    file: str
    line: int
    kind: str
    head: str
    body: str


@dataclass(frozen=True)
class Module:
    """A parsed file."""

    file: str
    text: str
    package: str
    rules: tuple[Rule, ...]
    calls: tuple[tuple[str, int, int], ...]
    """Every function that is called: its dotted name, line and column."""
    reads: tuple[tuple[Path, int], ...]
    """Every path below `input` that is written out, and its line."""


def checked(question: Mapping[str, Any]) -> dict[str, Any]:
    """The problems of the question's files, their rules, and what of the input they read."""
    modules, problems = read(question["files"])
    return {
        "problems": problems,
        "rules": [
            {"package": rule.package, "name": rule.name, "file": rule.file, "line": rule.line}
            for module in modules
            for rule in module.rules
        ],
        "reads": reads_of(modules),
    }


def reads_of(modules: Iterable[Module]) -> list[dict[str, Any]]:
    """Every path below `input` that *modules* write out, with its place."""
    return [
        {"path": list(path), "file": module.file, "line": line}
        for module in modules
        for path, line in module.reads
    ]


def parsed(files: Mapping[str, str]) -> tuple[Module, ...]:
    """The modules of *files*.

    Raises:
        Broken: one of them cannot be parsed, or calls what no rule may call.
    """
    modules, problems = read(files)
    if problems:
        raise Broken(problems)
    return modules


def read(files: Mapping[str, str]) -> tuple[tuple[Module, ...], list[Problem]]:
    """The modules that can be parsed, and everything that is wrong with *files*."""
    modules, problems = [], []
    for file, text in files.items():
        engine = regorus.Engine()
        try:
            engine.add_policy(file, text)
            (found,) = json.loads(engine.get_ast_as_json())
        except RuntimeError as error:
            problems.append(problem_of(error, file))
            continue
        modules.append(_module(file, text, found["ast"]))
    problems += [problem for module in modules for problem in _bad_calls(module, modules)]
    return tuple(modules), problems


def problem_of(error: RuntimeError, file: str = "") -> Problem:
    """The engine's error as a problem: its place and its sentence, without its backtrace."""
    text = str(error).split(_TRACE)[0].strip()
    place, said = _PLACE.search(text), _MESSAGE.search(text)
    return {
        "file": place["file"] if place else file,
        "line": int(place["line"]) if place else 0,
        "column": int(place["column"]) if place else 0,
        "message": said["message"] if said else " ".join(text.split()) or "cannot be evaluated",
    }


def _module(file: str, text: str, ast: dict[str, Any]) -> Module:
    aliases = dict(_imports(ast, text.encode()))
    found = [(_resolved(path, aliases), line) for path, line in _references(ast["rules"])]
    calls = (node["Call"] for node in _nodes(ast["rules"]) if "Call" in node)
    return Module(
        file=file,
        text=text,
        package=".".join(_steps(ast["package"]["refr"])),
        rules=tuple(_rules(file, text.encode(), ast)),
        calls=tuple(
            (".".join(_resolved(_steps(call["fcn"]), aliases)), *_start(call["fcn"]))
            for call in calls
        ),
        reads=tuple((path[1:], line) for path, line in found if path[:1] == ("input",)),
    )


def _imports(ast: dict[str, Any], source: bytes) -> Iterator[tuple[str, Path]]:
    """The name that each import has in the module, and what it stands for."""
    for one in ast["imports"]:
        path, alias = _steps(one["refr"]), one.get("as")
        if path[0] in {"input", "data"}:
            name = source[alias["start"] : alias["end"]].decode() if alias else path[-1]
            yield name, path


def _resolved(path: Path, aliases: Mapping[str, Path]) -> Path:
    return (*aliases[path[0]], *path[1:]) if path and path[0] in aliases else path


def _rules(file: str, source: bytes, ast: dict[str, Any]) -> Iterator[Rule]:
    package = ".".join(_steps(ast["package"]["refr"]))
    for tagged in ast["rules"]:
        ((tag, node),) = tagged.items()
        span, kind, head = node["span"], tag, node
        if tag == "Spec":
            ((kind, head),) = node["head"].items()
        # The engine's spans of texts leave their quotes out.
        end = span["end"] + (source[span["end"] : span["end"] + 1] in {b'"', b"`"})
        body = node["bodies"][0]["span"]["start"] if node.get("bodies") else end
        yield Rule(
            package=package,
            name=_steps(head["refr"])[0],
            file=file,
            line=span["line"],
            kind=kind,
            head=source[span["start"] : body].decode(),
            body=source[body:end].decode(),
        )


def _bad_calls(module: Module, modules: Iterable[Module]) -> Iterator[Problem]:
    ours = {r.name for each in modules if each.package == module.package for r in each.rules}
    for name, line, column in module.calls:
        place = {"file": module.file, "line": line, "column": column}
        if name in FORBIDDEN:
            yield {**place, "message": f"calls {name}, which no rule may: {FORBIDDEN[name]}"}
        elif not name.startswith("data.") and name not in ours | builtins():
            yield {**place, "message": f"calls {name}, a function that there is not"}


@cache
def builtins() -> frozenset[str]:
    """The functions that the engine has."""
    engine = regorus.Engine()
    engine.add_policy("", "package p\nhas := opa.runtime().builtins")
    return frozenset({*json.loads(engine.eval_rule_as_json("data.p.has")), "print"})


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every part of a tree that is an object."""
    if isinstance(node, dict):
        yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _nodes(each)


def _references(node: Any) -> Iterator[tuple[Path, int]]:
    """Every reference in a tree, as far as it is written out, and its line."""
    if isinstance(node, dict) and node.keys() & _REFERENCES:
        yield _steps(node), _start(node)[0]
        for _, link in _chain(node):
            if "index" in link:
                yield from _references(link["index"])
        return
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _references(each)


_REFERENCES = frozenset({"RefDot", "RefBrack", "Var"})


def _steps(node: dict[str, Any]) -> Path:
    """The steps of a reference up to the first that is computed."""
    steps: list[str] = []
    for tag, link in _chain(node):
        if tag == "Var":
            steps.append(link["value"])
        elif tag == "RefDot":
            steps.append(link["field"][1])
        elif "String" in link["index"]:
            steps.append(link["index"]["String"]["value"])
        else:
            break
    return tuple(steps)


def _chain(node: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The links of a reference, its root first; what is no reference has none."""
    links: list[tuple[str, dict[str, Any]]] = []
    while tags := node.keys() & _REFERENCES:
        (tag,) = tags
        links.append((tag, node[tag]))
        node = node[tag].get("refr", {})
    return links[::-1]


def _start(node: dict[str, Any]) -> tuple[int, int]:
    links = _chain(node)
    span = links[0][1]["span"] if links else next(iter(node.values()))["span"]
    return span["line"], span["col"]
