"""The product's source files, read once for all tests of its shape."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("workflows", "activities", "workers", "starters", "infra")


@cache
def sources(*folders: str) -> dict[str, ast.Module]:
    """Path below the root to syntax tree, of every Python file in *folders*."""
    files = (file for folder in folders or PACKAGES for file in (ROOT / folder).rglob("*.py"))
    return {str(f.relative_to(ROOT)): ast.parse(f.read_text("utf-8")) for f in sorted(files)}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def code_lines(tree: ast.Module) -> int:
    """Lines that hold code: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not _is_docstring(node):
            last = node.lineno if hasattr(node, "body") else node.end_lineno or node.lineno
            lines.update(range(node.lineno, last + 1))
    return len(lines)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
