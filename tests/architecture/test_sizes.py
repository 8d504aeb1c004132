"""Budgets: small functions tell the code that is good to read from the code that is tired."""

from tests.architecture.sources import ROOT, functions, length, sources


def test_no_function_is_longer_than_fifty_lines():
    long = [
        f"{path}:{function.lineno} {function.name}: {length(function)}"
        for path, tree in sources().items()
        for function in functions(tree)
        if length(function) > 50
    ]

    assert long == []


def test_nine_functions_of_ten_have_at_most_thirty_lines():
    lengths = sorted(length(f) for tree in sources().values() for f in functions(tree))

    assert lengths[len(lengths) * 9 // 10] <= 30


def test_no_file_is_longer_than_four_hundred_lines():
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in sources()}

    assert [path for path, lines in lengths.items() if lines > 400] == []
