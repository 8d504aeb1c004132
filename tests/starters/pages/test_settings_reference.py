"""The settings page names what a worker reads; that it is up to date, test_reference.py says."""

import tomllib

import pytest

from infra.settings import Settings
from starters.pages.settings_reference import settings

PAGE = "\n".join(settings())


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_table_of_the_file_has_a_section(name):
    assert f"`[{name}]`" in PAGE or f"`[{name}.NAME]`" in PAGE


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("`[vault]`, required", "| `approles` | path | required |"),
        ("`[ledger]`, required", "| `vault_role` | text | none |"),
        ("`[worker]`, optional", "| `make_current` | `true` or `false` | `false` |"),
        ("`[worker]`, optional", "| `graceful_shutdown_seconds` | number | `20` |"),
        ("`[artifacts.NAME]` of type `s3`", "| `region` | text | `us-east-1` |"),
        ("`[artifacts.NAME]` of type `ecr`", '| `prefix` | text | `""` |'),
        (
            "`[routers.NAME]` of type `envoy`",
            "| `listeners` | table of whole number by name | required |",
        ),
        (
            "`[platforms.NAME]` of type `supervisor`",
            "| `environ` | table of text by name | none |",
        ),
    ],
)
def test_a_key_is_told_with_its_type_and_default(header, row):
    _, _, rest = PAGE.partition(f"## {header}\n")
    section, _, _ = rest.partition("\n## ")

    assert row in section


def test_a_section_carries_the_words_of_its_model():
    assert "For PostgreSQL, `vault_role` names the database role" in PAGE


def test_headers_are_toml():
    for line in PAGE.splitlines():
        if line.startswith("## "):
            tomllib.loads(line.split("`")[1])
