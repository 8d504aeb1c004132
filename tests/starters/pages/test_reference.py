"""The pages about the command line say what the command line says."""

import pytest

from starters.pages.reference import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(name):
    written = (FOLDER / name).read_text(encoding="utf-8")

    assert written == PAGES[name](), "run `python -m starters.pages.reference`"
