from pathlib import Path

import pytest

from starters.files.catalog import catalog_of, find_catalog, read_catalog


def test_every_file_of_the_folder_is_read_and_none_below_it(shop):
    (shop / "catalog" / "old").mkdir()
    (shop / "catalog" / "old" / "broken.yaml").write_text("[", encoding="utf-8")
    (shop / "catalog" / "notes.txt").write_text("[", encoding="utf-8")

    reading = read_catalog(Path("catalog"))
    catalog = catalog_of(reading)

    assert reading.problems == ()
    assert set(catalog.services) == {"checkout", "payments"}
    assert set(catalog.people) == {"ana", "ben"}


def test_a_name_given_twice_names_both_places(shop):
    copied = (shop / "catalog" / "rules.yaml").read_text(encoding="utf-8").split("---\n")[4]
    (shop / "catalog" / "z.yml").write_text(copied, encoding="utf-8")

    assert [str(p) for p in read_catalog(Path("catalog")).problems] == [
        (
            "catalog/z.yml:3:18: metadata.name: Person ana is defined twice; first at "
            "catalog/rules.yaml:32:18"
        )
    ]


def test_a_release_does_not_belong_in_a_catalog(shop):
    Path("release.yaml").rename("catalog/release.yaml")

    assert [str(p) for p in read_catalog(Path("catalog")).problems] == [
        (
            "catalog/release.yaml:2:7: kind: a Release does not belong in the catalog; put it in "
            "a file beside the folder"
        )
    ]


def test_a_folder_that_is_not_there_or_empty_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()

    assert [str(p) for p in read_catalog(Path("none")).problems] == [
        "none:1:1: the catalog cannot be read: No such file or directory"
    ]
    assert [str(p) for p in read_catalog(Path("empty")).problems] == [
        "empty:1:1: the catalog holds no .yaml files; `lockgate init` writes an example"
    ]


def test_the_nearest_catalog_wins_and_none_further_up_counts(shop):
    near = shop / "a" / "catalog"
    near.mkdir(parents=True)
    (shop / "a" / "b" / "c").mkdir(parents=True)

    assert find_catalog(shop / "a" / "r.yaml") == near
    assert find_catalog(shop / "a" / "b" / "r.yaml") == near
    assert find_catalog(shop / "a" / "b" / "c" / "r.yaml") is None


@pytest.mark.usefixtures("slos")
def test_objectives_are_part_of_the_catalog():
    reading = read_catalog(Path("catalog"))
    catalog = catalog_of(reading)

    assert set(catalog.slos) == {"checkout-availability"}
    assert set(catalog.slis) == {"checkout-answers"}
    assert catalog.services["checkout"].slos == ("checkout-availability",)


@pytest.mark.usefixtures("slos")
def test_an_objective_that_no_release_could_keep_is_a_problem_where_it_stands(spoil):
    spoil("catalog/slos.yaml", "target: 0.999", "target: 0.1")

    (problem,) = [p for p in read_catalog(Path("catalog")).problems if "slos.yaml" in str(p)]

    assert str(problem).startswith("catalog/slos.yaml:3:18: spec: SLO checkout-availability: ")
    assert problem.message.endswith("set thresholds instead")


def test_of_two_risk_models_nobody_could_say_which_counts(shop):
    for name in ("ours", "theirs"):
        Path(f"catalog/{name}.yaml").write_text(
            "apiVersion: lockgate.dev/v1alpha1\nkind: RiskModel\n"
            f"metadata: {{name: {name}}}\nspec: {{base: 20}}\n",
            encoding="utf-8",
        )

    assert [str(p) for p in read_catalog(Path("catalog")).problems] == [
        (
            "catalog/theirs.yaml:2:7: kind: a catalog has one RiskModel; the first is ours at "
            "catalog/ours.yaml:3:18"
        )
    ]
