"""The files that documents name: read from the catalog's folder, and told where they are not."""

from starters.files import named_files as subject
from starters.files.documents import Document
from starters.files.named_files import read_named_files
from starters.files.problems import Place
from starters.files.written import Written
from workflows.domain.values import FileName, SpecPart


class Page(SpecPart):
    text: FileName
    more: tuple[FileName, ...] = ()


def page(text, *more):
    value = {"text": text, "more": list(more)}
    start = Place("catalog/pages.yaml", 1, 1)
    written = Written(value, start, {("text",): Place("catalog/pages.yaml", 2, 7)}, {}, {})
    return Document("Page", written, Page(text=text, more=more))


def test_each_file_is_read_once_as_text(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "one.md").write_text("ä", encoding="utf-8")
    (tmp_path / "sub" / "two.md").write_text("two", encoding="utf-8")

    read = read_named_files([page("one.md", "sub/two.md"), page("one.md")], tmp_path)

    assert read.problems == ()
    assert read.files == {"one.md": "ä", "sub/two.md": "two"}


def test_what_cannot_be_read_is_named_where_the_document_names_it(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    outside = tmp_path.parent / "outside.md"
    outside.write_text("secret", encoding="utf-8")
    (tmp_path / "link.md").symlink_to(outside)

    read = read_named_files([page("none.md"), page("binary"), page("link.md")], tmp_path)

    assert read.files == {}
    told = [str(problem) for problem in read.problems]
    assert all(line.startswith("catalog/pages.yaml:2:7: text: ") for line in told)
    assert "none.md: cannot be read: No such file or directory" in told[0]
    assert "is not UTF-8 text" in told[1]
    assert "leads out of the catalog's folder" in told[2]
    assert "secret" not in "".join(told)


def test_files_that_are_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(subject, "LARGEST_TOGETHER", 2048)
    for name in ("a", "b"):
        (tmp_path / name).write_text("x" * 1500, encoding="utf-8")
    (tmp_path / "c").write_text("x" * 3000, encoding="utf-8")

    together = read_named_files([page("a", "b")], tmp_path)
    alone = read_named_files([page("c")], tmp_path)

    assert [p.message for p in together.problems] == [
        "with b the files of the catalog are larger than 2 KiB"
    ]
    assert "is larger than 2 KiB; split it" in alone.problems[0].message
