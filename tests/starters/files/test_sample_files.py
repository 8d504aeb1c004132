from starters.files.linting import lint
from starters.files.sample_files import SAMPLE, SCHEMA, sample_files, write_sample


def test_what_is_missing_is_written_and_what_is_there_kept(tmp_path):
    written, differing = write_sample(tmp_path)

    assert (set(written), differing) == ({*SAMPLE, SCHEMA}, [])

    (tmp_path / SCHEMA).unlink()
    assert write_sample(tmp_path) == ([SCHEMA], [])


def test_one_file_in_the_way_and_nothing_is_written(tmp_path):
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "people.yaml").write_text("mine", encoding="utf-8")

    assert write_sample(tmp_path) == ([], ["catalog/people.yaml"])
    assert [path.name for path in tmp_path.iterdir()] == ["catalog"]


def test_the_sample_is_in_order(tmp_path):
    write_sample(tmp_path)

    assert lint([tmp_path]) == ()


def test_every_file_names_the_schema_beside_it():
    for name, text in sample_files().items():
        if name != SCHEMA:
            up = "../" * name.count("/")
            assert text.startswith(f"# yaml-language-server: $schema={up}{SCHEMA}\n")
