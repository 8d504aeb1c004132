from workflows.domain.gates.matrix import matrix_digest
from workflows.domain.gates.matrix_page import as_html, as_markdown
from workflows.domain.spec.matrix import DecisionMatrix

MATRIX = DecisionMatrix.model_validate(
    {
        "inputs": ["class", "risk"],
        "rules": [
            {"class": "standard", "risk": "low", "require": []},
            {"class": "standard", "risk": ["medium", "high"], "reclassify": "normal"},
            {
                "class": "emergency",
                "require": [{"role": "sre", "count": 2}, {"role": "ops"}],
                "retrospective": "3d",
            },
        ],
    }
)
PEOPLE = {"sre": ("ana", "ben"), "ops": ()}


def test_a_matrix_is_a_table_with_a_name_for_each_row():
    page = as_markdown("prod", MATRIX, PEOPLE)

    assert page.splitlines()[:2] == ["# Who decides: prod", ""]
    assert "| row | change class | risk | who must agree | looked back |" in page
    assert "| prod#1 | standard | low | nobody |  |" in page
    assert "| prod#2 | standard | medium, high | goes by the row for class normal |  |" in page
    assert "| prod#3 | emergency | any | sre x 2, ops x 1 | within 3d |" in page
    assert "| sre | ana, ben |" in page
    assert "| ops | nobody |" in page


def test_the_page_says_which_matrix_it_is():
    assert f"This matrix is {matrix_digest(MATRIX)}." in as_markdown("prod", MATRIX, {})


def test_the_page_for_browsers_is_whole_and_escapes_what_people_wrote():
    page = as_html("prod", MATRIX, {"sre": ("<ana>",)})

    assert page.startswith("<!doctype html>")
    assert "<td>prod#3</td><td>emergency</td><td>any</td><td>sre x 2, ops x 1</td>" in page
    assert "&lt;ana&gt;" in page
    assert "<ana>" not in page
