"""Writes the pages that are generated from the models: JSON Schemas, and the reference of fields.

python -m starters.pages.schema [DOCS]      writes below DOCS, by default `docs`
"""

import json
import sys
from pathlib import Path

from pydantic.alias_generators import to_snake

from starters.pages.file_reference import reference
from starters.pages.shapes import Schema, shape
from workflows.domain.rules.reads import input_schema
from workflows.domain.spec import KINDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ALL_KINDS = "lockgate.json"
RULES_INPUT = "rules-input.json"


def pages() -> dict[str, str]:
    """Every generated page by its path below the folder of documents."""
    schemas = {_file_name(kind): {"$schema": DRAFT, **shape(kind)} for kind in KINDS}
    schemas[ALL_KINDS] = combined()
    written = {f"reference/schema/{name}": _json(schema) for name, schema in schemas.items()}
    written[f"reference/schema/{RULES_INPUT}"] = _json({"$schema": DRAFT, **input_schema()})
    return {**written, "reference/release-file.md": reference()}


def combined() -> Schema:
    """One schema for documents of every kind, as a catalog file holds them.

    Chosen by `kind` with if and then, not by oneOf: an editor then shows what is wrong with this
    document, instead of everything that is wrong with it as any of the kinds.
    """
    definitions: Schema = {}
    choices = []
    for kind in KINDS:
        schema = {key: value for key, value in shape(kind).items() if key != "$defs"}
        definitions |= {**shape(kind)["$defs"], kind: schema}
        condition = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
        choices.append({"if": condition, "then": {"$ref": f"#/$defs/{kind}"}})
    return {
        "$schema": DRAFT,
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": choices,
        "$defs": definitions,
    }


def main() -> None:
    """Write the pages, and say which changed."""
    docs = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")
    for name, text in pages().items():
        path = docs / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"written: {path}\n")


def _file_name(kind: str) -> str:
    return f"{to_snake(kind).replace('_', '-')}.json"


def _json(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
