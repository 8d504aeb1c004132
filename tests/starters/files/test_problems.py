import pytest

from starters.files.problems import FilesRefused, Place, Problem, field_name, nearest, shown


def test_a_path_is_named_as_people_write_it():
    assert field_name(("spec", "services", 0, "artifact")) == "spec.services[0].artifact"
    assert field_name(()) == ""


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        ("depends_on", "did you mean dependsOn?"),
        ("DependsOn", "did you mean dependsOn?"),
        ("verison", "did you mean version?"),
        ("zzz", "there are: dependsOn, name, version"),
    ],
)
def test_the_nearest_name_is_offered_or_all_of_them(found, hint):
    assert nearest(found, ["version", "name", "dependsOn"]) == hint


def test_a_long_list_of_names_is_cut():
    assert nearest("zzz", [f"n{n:02}" for n in range(40)]).endswith("n19, …")


def test_where_there_is_nothing_that_is_said():
    assert nearest("a", []) == "there are none"


def test_a_refusal_names_each_problem_once_in_the_order_of_places():
    late, early = Problem(Place("a", 9), "f", "late"), Problem(Place("a", 2), "", "early")

    refused = FilesRefused([late, early, late])

    assert refused.problems == (early, late)
    assert str(refused) == "a:2:1: early\na:9:1: f: late"


def test_a_problem_is_data_too():
    problem = Problem(Place("a.yaml", 3, 7), "spec.x", "is missing")

    assert problem.as_json() == {
        "file": "a.yaml",
        "line": 3,
        "column": 7,
        "field": "spec.x",
        "message": "is missing",
    }


def test_a_file_is_named_from_here_if_it_is_below(tmp_path, monkeypatch):
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")

    assert shown(tmp_path / "b" / ".." / "b" / "x.yaml") == "x.yaml"
    assert shown(tmp_path / "x.yaml") == str(tmp_path / "x.yaml")
