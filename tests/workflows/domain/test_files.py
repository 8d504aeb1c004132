import pytest
from pydantic import ValidationError

from workflows.domain.files import named_files
from workflows.domain.values import FileName, SpecPart


class Chapter(SpecPart):
    text_file: FileName
    title: str = "rules/not-a-file.md"


class Book(SpecPart):
    chapters: tuple[Chapter, ...] = ()
    by_name: dict[str, Chapter] = {}
    cover: FileName | None = None


def test_files_are_found_wherever_a_document_may_name_one_and_texts_are_not_taken_for_files():
    book = Book.model_validate(
        {
            "chapters": [{"textFile": "one.md"}, {"textFile": "two/2.md"}],
            "byName": {"last": {"textFile": "end.md"}},
            "cover": "cover.svg",
        }
    )

    assert dict(named_files(book)) == {
        ("chapters", 0, "textFile"): "one.md",
        ("chapters", 1, "textFile"): "two/2.md",
        ("byName", "last", "textFile"): "end.md",
        ("cover",): "cover.svg",
    }
    assert list(named_files(Book())) == []


def test_a_file_name_stays_one_on_its_way_over_the_wire():
    book = Book(cover=FileName("a/b.md"))

    assert list(named_files(Book.model_validate_json(book.model_dump_json()))) == [
        (("cover",), "a/b.md")
    ]


@pytest.mark.parametrize(
    "name", ["../up.md", "/etc/passwd", "a/../b", ".hidden", "a//b", "", "a/"]
)
def test_no_name_leads_out_of_the_folder(name):
    with pytest.raises(ValidationError):
        Book.model_validate({"cover": name})
