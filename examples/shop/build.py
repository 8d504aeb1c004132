"""Builds each version of the shop into a content-addressed bundle.

python -m examples.shop.build all
python -m examples.shop.build checkout v2
python -m examples.shop.build all --publish .lockgate/builds.json
"""

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.shop.services.shop_packing import digest_of, pack
from examples.shop.versions import VERSIONS

SOURCE = Path(__file__).parent / "services"


class CannotBuild(Exception):
    """The table of versions does not hold what was asked for."""


@dataclass(frozen=True)
class Bundle:
    """A version's files as one immutable zip; its digest is its identity."""

    service: str
    version: str
    digest: str
    content: bytes

    @property
    def name(self) -> str:
        return f"{self.service} {self.version}"

    @property
    def key(self) -> str:
        """Where a bucket holds it."""
        return f"{self.service}/{self.digest.replace(':', '-')}.zip"


def build(service: str, version: str) -> Bundle:
    """The bundle of one version of the table: the same bytes on every machine.

    Raises:
        CannotBuild: the table has no such version.
    """
    if version not in VERSIONS.get(service, {}):
        known = "; ".join(f"{name} {', '.join(table)}" for name, table in VERSIONS.items())
        raise CannotBuild(f"there is no version {service} {version}; there are: {known}")
    content = pack({**_modules(service), **_manifests(service, version)})
    return Bundle(service, version, digest_of(content), content)


def build_all() -> list[Bundle]:
    """Every version of the table, in its order."""
    return [build(service, version) for service, table in VERSIONS.items() for version in table]


def digests() -> dict[str, dict[str, str]]:
    """The digest of each version of each service."""
    return {
        service: {version: build(service, version).digest for version in table}
        for service, table in VERSIONS.items()
    }


def _manifests(service: str, version: str) -> dict[str, bytes]:
    identity = {"service": service, "version": version}
    behaviour = VERSIONS[service][version]
    start = {"command": ["python", "service.py"], "healthPath": "/healthz"}
    faults = {
        "errorRate": behaviour.error_rate,
        "extraLatencyMs": behaviour.extra_latency_ms,
        "conversion": behaviour.conversion,
    }
    return {
        "bundle.json": _json({**identity, **start}),
        "version.json": _json({**identity, **faults}),
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _modules(service: str) -> dict[str, bytes]:
    """The service's module, as service.py, and the shop's modules that it imports, or they do."""
    found = {"service.py": _source(service)}
    wanted = list(_imports(found["service.py"]))
    while wanted:
        module = wanted.pop()
        if f"{module}.py" not in found:
            found[f"{module}.py"] = _source(module)
            wanted += _imports(found[f"{module}.py"])
    return found


def _source(module: str) -> bytes:
    """A checkout may have changed the line ends: reading as text puts them right."""
    return (SOURCE / f"{module}.py").read_text(encoding="utf-8").encode()


def _imports(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [node.module]
        elif isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in named if name.startswith("shop_"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print `service version digest` for each artifact, once it is where it was to go."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build versions of the shop.")
    parser.add_argument("service", help="checkout, payments, inventory, or all")
    parser.add_argument("version", nargs="?", help="such as v2; not with all")
    parser.add_argument("--publish", type=Path, metavar="BUILDS_JSON", help="upload to this S3")
    asked = parser.parse_args(arguments)
    if (asked.service == "all") == bool(asked.version):
        parser.error("say either `all`, or a service and a version")
    try:
        bundles = build_all() if asked.service == "all" else [build(asked.service, asked.version)]
        _deliver(bundles, asked.publish)
    except CannotBuild as error:
        sys.exit(f"build.py: {error}")


def _deliver(bundles: Sequence[Bundle], place: Path | None) -> None:
    if place is not None:
        # boto3 takes longer to import than all else here takes to run, so only who needs it waits.
        from examples.shop.publish import CannotPublish, publish  # noqa: PLC0415 - as above

        try:
            publish(bundles, place)
        except CannotPublish as error:
            sys.exit(f"build.py: {error}")
    for bundle in bundles:
        print(f"{bundle.name} {bundle.digest}")


if __name__ == "__main__":
    main()
