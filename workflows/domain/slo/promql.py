"""Puts one more matcher into every selector of a PromQL query, and nothing else into it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workflows.domain.errors import Refused

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
      | (?P<number>(?:0[xX][0-9a-fA-F]+|[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)[a-z0-9]*)
      | (?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<mark>[-+*/%^(){},@<>=!~\[\]:.])
    """,
    re.VERBOSE,
)
_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_OTHERS = {"and", "or", "unless", "atan2", "offset", "bool", "inf", "nan"}
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_AGGREGATED = {"sum"}
_RATES = {"rate", "increase", "irate"}


class _Token(NamedTuple):
    kind: str
    text: str


def with_matcher(query: str, label: str, value: str) -> str:
    """*query* with `label="value"` in every selector of series.

    Labels in lists, names of functions and what is in strings are left as they are.

    Raises:
        Refused: it is not PromQL that this can be done to: a template's variable, a selector that
            has a matcher of that label already, or no selector at all.
    """
    tokens = _tokens(query)
    matcher = f'{label}="{_escaped(value)}"'
    written, found, at = [], 0, 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "{":
            end = _end(query, tokens, at)
            written.append(_braced(query, tokens[at : end + 1], label, matcher))
            found, at = found + 1, end + 1
        elif token.text == "[":
            end = _end(query, tokens, at)
            written += [each.text for each in tokens[at : end + 1]]
            at = end + 1
        elif token.kind == "word" and token.text.lower() in _LISTS:
            end = _list_end(query, tokens, at)
            written += [each.text for each in tokens[at : end + 1]]
            at = end + 1
        else:
            written.append(token.text)
            if _is_bare_selector(tokens, at):
                written.append(f"{{{matcher}}}")
                found += 1
            at += 1
    if not found:
        raise Refused(f"query {query!r} asks for no series, so no version can be told apart")
    return "".join(written)


def counter_selector(query: str) -> str | None:
    """The selector of the counter that *query* adds up: `x`, `sum(x{a="b"})`, `sum(rate(x[5m]))`.

    None for anything else, of which the events cannot be counted anew for a span of time.

    Raises:
        Refused: it is not PromQL.
    """
    tokens = [token for token in _tokens(query) if token.kind != "space"]
    inner = _unwrapped(query, tokens)
    if not inner:
        return None
    if inner[0].kind == "word" and inner[0].text.lower() not in _OTHERS | _LISTS:
        inner_braces = inner[1:]
    else:
        inner_braces = inner
    if not inner_braces:
        return inner[0].text
    if inner_braces[0].text != "{" or _end(query, inner_braces, 0) != len(inner_braces) - 1:
        return None
    return "".join(token.text for token in inner)


def _unwrapped(query: str, tokens: Sequence[_Token]) -> Sequence[_Token]:
    """What is inside of the brackets, the sums and at most one rate around it."""
    rated = False
    while tokens:
        head = tokens[0].text.lower()
        if head == "(" and _end(query, tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
        elif head in _AGGREGATED and (inside := _argument(query, tokens)) is not None:
            tokens = inside
        elif head in _RATES and not rated and (inside := _argument(query, tokens)) is not None:
            if not inside or inside[-1].text != "]":
                return ()
            start = max(i for i, token in enumerate(inside) if token.text == "[")
            tokens, rated = inside[:start], True
        else:
            return tokens
    return tokens


def _argument(query: str, tokens: Sequence[_Token]) -> Sequence[_Token] | None:
    """The one argument of a function or an aggregation, if that is all there is."""
    at = 1
    if at < len(tokens) and tokens[at].text.lower() in {"by", "without"}:
        at = _list_end(query, tokens, at) + 1
    if at >= len(tokens) or tokens[at].text != "(":
        return None
    end = _end(query, tokens, at)
    rest = tokens[end + 1 :]
    if rest and rest[0].text.lower() in {"by", "without"}:
        rest = rest[_list_end(query, rest, 0) + 1 :]
    return None if rest else tokens[at + 1 : end]


def _tokens(query: str) -> list[_Token]:
    tokens = list(_read(query))
    at = 0
    while at < len(tokens):
        text = tokens[at].text
        if text in _CLOSING.values():
            raise Refused(f"query {query!r}: a bracket is closed that was not opened")
        at = _end(query, tokens, at) + 1 if text in _CLOSING else at + 1
    return tokens


def _read(query: str) -> Iterator[_Token]:
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise Refused(
                f"query {query!r}: cannot read {query[at : at + 12]!r} at {at + 1}; write plain "
                "PromQL, without variables of a dashboard"
            )
        yield _Token(match.lastgroup or "", match.group())
        at = match.end()


def _end(query: str, tokens: Sequence[_Token], at: int) -> int:
    """Where the bracket that opens at *at* is closed."""
    open_brackets = []
    for i in range(at, len(tokens)):
        text = tokens[i].text
        if text in _CLOSING:
            open_brackets.append(_CLOSING[text])
        elif text in _CLOSING.values():
            if not open_brackets or text != open_brackets.pop():
                break
            if not open_brackets:
                return i
    raise Refused(f"query {query!r}: a bracket that opens is not closed")


def _next(tokens: Sequence[_Token], at: int) -> int:
    """Where the next token is that is no space."""
    at += 1
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def _list_end(query: str, tokens: Sequence[_Token], at: int) -> int:
    """The end of the labels behind `by` and its like, which may have none."""
    start = _next(tokens, at)
    if start < len(tokens) and tokens[start].text == "(":
        return _end(query, tokens, start)
    return at


def _is_bare_selector(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a word is the name of a series without braces."""
    if tokens[at].kind != "word" or tokens[at].text.lower() in _OTHERS:
        return False
    after = _next(tokens, at)
    text = tokens[after].text if after < len(tokens) else ""
    return text not in {"(", "{"} and text.lower() not in {"by", "without"}


def _braced(query: str, tokens: Sequence[_Token], label: str, matcher: str) -> str:
    inside = "".join(token.text for token in tokens[1:-1])
    if any(token.text == "{" for token in tokens[1:]):
        raise Refused(f"query {query!r}: a brace within braces; write it without a template")
    for at, token in enumerate(tokens):
        after = _next(tokens, at)
        is_label = after < len(tokens) and tokens[after].text in {"=", "!"}
        if is_label and token.text.strip("\"'`") == label:
            raise Refused(
                f"query {query!r} has a matcher of {label!r} already: take it out, or write "
                f'{label}="$arm" in every selector'
            )
    return f"{{{matcher},{inside}}}" if inside.strip() else f"{{{matcher}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
