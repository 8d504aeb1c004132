"""The example that `lockgate init` writes: a release, its catalog, and the schema for editors."""

import json
from importlib.resources import files
from pathlib import Path

from starters.pages.schema import combined

SAMPLE = (
    "release.yaml",
    "catalog/services.yaml",
    "catalog/environments.yaml",
    "catalog/strategies.yaml",
    "catalog/people.yaml",
)
SCHEMA = "lockgate.schema.json"


def sample_files() -> dict[str, str]:
    """Every file of the example by its path below the folder it is written to."""
    folder = files("starters") / "sample"
    written = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in SAMPLE}
    return {**written, SCHEMA: json.dumps(combined(), indent=2, ensure_ascii=False) + "\n"}


def write_sample(folder: Path) -> tuple[list[str], list[str]]:
    """Write what *folder* lacks; the names written, and those that were there and differ.

    Nothing is overwritten: with a single file in the way, none is written.
    """
    wanted = sample_files()
    there = {
        name: (folder / name).read_text(encoding="utf-8", errors="replace")
        for name in wanted
        if (folder / name).exists()
    }
    differing = [name for name, text in there.items() if text != wanted[name]]
    if differing:
        return [], differing
    missing = [name for name in wanted if name not in there]
    for name in missing:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[name], encoding="utf-8")
    return missing, []
