import pytest

from starters.files.problems import Place
from starters.files.written import LARGEST, read_yaml


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read text as the file `it.yaml` of the current folder."""
    monkeypatch.chdir(tmp_path)

    def read(text):
        path = tmp_path / "it.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        documents, problems = read_yaml(path)
        return documents, [str(problem) for problem in problems]

    return read


def test_every_part_knows_where_it_was_written(read):
    (document,), problems = read("a:\n  - b: 1\n    c: two\n")

    assert problems == []
    assert document.value == {"a": [{"b": 1, "c": "two"}]}
    assert document.place_of(("a", 0, "c")) == Place("it.yaml", 3, 8)
    assert document.place_of_key(("a", 0, "c")) == Place("it.yaml", 3, 5)
    assert document.place_of(("a", 0, "missing")) == Place("it.yaml", 2, 5)
    assert document.at(("a", 0, "c")) == "two"


def test_documents_are_counted_by_line_in_the_whole_file(read):
    (first, second), _ = read("# comment\na: 1\n---\nb: 2\n---\n")

    assert first.place_of(("a",)).line == 2
    assert second.place_of(("b",)).line == 4


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", 1000),
        ("0.05", 0.05),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("2026-11-10", "2026-11-10"),
        ("12:30", "12:30"),
        ('"on"', "on"),
        ("'yes'", "yes"),
        ("online", "online"),
        ("!!str 5", "5"),
        (">-\n  folded\n  text", "folded text"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(read, text, value):
    (document,), problems = read(f"a: {text}\n")

    assert problems == []
    assert document.value == {"a": value}


REFUSED = {
    "a: on": '1:4: a: found on without quotes, which YAML 1.1 tools read as true; write "on"',
    "a: [Yes]": (
        '1:5: a[0]: found Yes without quotes, which YAML 1.1 tools read as true; write "Yes"'
    ),
    "%YAML 1.1\n---\na: off": (
        '3:4: a: found off without quotes, which YAML 1.1 tools read as false; write "off"'
    ),
    "a: 012": (
        '1:4: a: found 012, which YAML 1.1 tools read in base 8; write 12, or "012" if it is text'
    ),
    "a: .inf": "1:4: a: found .inf, which is not a number",
    "a: 1e999": "1:4: a: found 1e999; expected a number with an end",
    "a: !!int x": "1:4: a: found x, which is not a number",
    "a: 1\nb: 2\na: 3": "3:1: a: is written twice; first in line 1",
    "<<: {a: 1}": "1:1: a field's name is plain text",
    "? [a]\n: b": "1:3: a field's name is plain text",
    "a: !!python/object/apply:os.system [ls]": (
        "1:4: a: tag tag:yaml.org,2002:python/object/apply:os.system is not allowed; "
        "write plain values"
    ),
    "a: !mine x": "1:4: a: tag !mine is not allowed; write plain values",
    'a: "\\e[2J"': "1:4: a: holds the invisible character U+001B; take it out",
    'a: "\\u202E"': "1:4: a: holds the invisible character U+202E; take it out",
    'a: "\\uD800"': "1:4: a: holds the invisible character U+D800; take it out",
    "a:\n\t- b": (
        "2:1: is not YAML while scanning for the next token: a tab; YAML indents with spaces only"
    ),
    "a: b: c": (
        "1:5: is not YAML: a `: ` where none can be; quote text that holds one, or mend the "
        "indentation"
    ),
    "a: [1\nb: 2": (
        "2:2: is not YAML while parsing a flow sequence that begins in line 1: expected ',' or "
        "']', but got ':'"
    ),
    "a: *b": "1:4: is not YAML: found undefined alias 'b'",
    "a: \x00": (
        "1:1: is not YAML: unacceptable character #x0000: special characters are not allowed"
    ),
    b"a: 1\nb: \xff": "2:1: is not UTF-8 text; save it as UTF-8",
    "a: &a [*a]": "1:1: is nested too deeply, or holds itself through an alias",
    "[" * 5000: "1:1: is nested too deeply, or holds itself through an alias",
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.items(), ids=lambda t: repr(t)[:20])
def test_what_would_be_misread_is_refused(read, text, problem):
    _, problems = read(text)

    assert problems == [f"it.yaml:{problem}"]


def test_aliases_cannot_fill_the_memory(read):
    """Nine levels of nine aliases each would be 387 million values."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]

    _, problems = read("\n".join(["l0: &l0 [x]", *levels]))

    assert problems == [
        "it.yaml:1:1: holds more than 50000 values, those of its aliases counted each time"
    ]


def test_a_file_that_nobody_can_review_is_not_read(read):
    _, problems = read(b"# " + b"x" * LARGEST)

    assert problems == ["it.yaml:1:1: is larger than 1024 KiB; split it"]


def test_a_file_that_is_not_there_is_a_problem_and_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    _, problems = read_yaml(tmp_path / "none.yaml")

    assert [str(p) for p in problems] == [
        "none.yaml:1:1: cannot be read: No such file or directory"
    ]


def test_emoji_and_other_scripts_are_text(read):
    (document,), problems = read('a: "👩‍🚀 \u3000 مرحبا"\n')

    assert problems == []
    assert document.value == {"a": "👩‍🚀 \u3000 مرحبا"}
