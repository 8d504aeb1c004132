"""What a story must not do, because a replay or a cancel would not survive it."""

import ast

from tests.architecture.sources import sources

STORIES = sources("workflows")
IN_ANY_ORDER = {"wait", "as_completed", "TaskGroup"}
ANYTHING = {"Exception", "BaseException"}


def found(trees, wrong):
    return [f"{p}:{n.lineno}" for p, tree in trees.items() for n in ast.walk(tree) if wrong(n)]


def test_nobody_swallows_whatever_comes():
    """A bug is not an error kind: a story that swallows one goes on with a world it misread.

    To clean up and raise it again is fine.
    """

    def swallows(node):
        if not isinstance(node, ast.ExceptHandler):
            return False
        caught = ast.walk(node.type) if node.type else [ast.Name("Exception")]
        anything = any(isinstance(n, ast.Name) and n.id in ANYTHING for n in caught)
        last = node.body[-1]
        return anything and not (isinstance(last, ast.Raise) and last.exc is None)

    assert found(sources("workflows", "activities"), swallows) == []


def test_nothing_waits_in_an_order_that_differs_on_replay():
    def unordered(node):
        return (
            isinstance(node, ast.Attribute)
            and node.attr in IN_ANY_ORDER
            and isinstance(node.value, ast.Name)
            and node.value.id == "asyncio"
        )

    assert found(STORIES, unordered) == []


def test_no_child_is_run_without_a_hand_on_it():
    """`execute_child_workflow` gives no handle: nobody could pass a signal on to the child."""

    def bare(node):
        return isinstance(node, ast.Attribute) and node.attr == "execute_child_workflow"

    assert found(STORIES, bare) == []


def test_nothing_is_awaited_in_a_finally():
    """A cancel passes through there too, and would be held up or lost."""

    def awaits(node):
        return isinstance(node, ast.Try) and any(
            isinstance(inner, ast.Await) for last in node.finalbody for inner in ast.walk(last)
        )

    assert found(STORIES, awaits) == []
