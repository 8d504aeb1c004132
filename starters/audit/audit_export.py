"""Making an evidence pack: read, prove, map to controls, have it signed, put it into one file."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from ruamel.yaml import YAML
from temporalio.client import Client

from starters.asking import asked
from starters.audit.audit_sealed import access_of, chains, chains_of, part, seal, seals
from starters.audit.record import page
from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from workflows.domain.audit_log.access import Access
from workflows.domain.audit_log.archive import packed
from workflows.domain.audit_log.controls import RELEASES, ControlSet, map_controls
from workflows.domain.audit_log.manifest import Manifest
from workflows.domain.audit_log.note import read_key
from workflows.domain.audit_log.pack import (
    CONTROLS,
    INDEX,
    MANIFEST,
    ChainPart,
    chain_files,
    digests,
    json_lines,
    seal_files,
)
from workflows.domain.audit_log.page import index_page
from workflows.domain.audit_log.proof import newest_of
from workflows.ports.sealing import SealingPort, Seals, SignPack

FRAMEWORKS = ("sox", "hipaa")


def controls_of(framework: str) -> ControlSet:
    """The catalog of controls of that name, as it is installed."""
    text = (files("starters.audit") / "controls" / f"{framework}.yaml").read_text(encoding="utf-8")
    return ControlSet.model_validate(YAML(typ="safe", pure=True).load(text))


async def export(
    client: Client, releases: Sequence[str], *, framework: str | None, reader: str
) -> bytes:
    """The evidence pack of every run of *releases*, or of all there are, as a file.

    With it go the chains that belong to no release: who read the record, reviews, calendars.

    Raises:
        CommandFailed: nothing is recorded under such a name, or nothing is sealed here.
    """
    access = access_of(reader, f"export{f' for {framework}' if framework else ''}")
    wanted = await _wanted(client, releases)
    for chain in wanted:  # on the record before it is sealed, so that the pack shows it
        await page(client, chain, access=access)
    sealed = await seal(client, why="an export")
    if sealed.note is None:
        raise CommandFailed(
            "nothing is sealed here, so nothing can be proved to anybody else: the worker's "
            "settings have no [sealing]; see docs/how-to/verify-the-audit-record.md",
            ExitCode.USAGE,
        )
    parts: list[ChainPart] = []
    sizes: set[int] = set()
    for chain in wanted:
        found, covering = await part(client, chain, size=sealed.size, access=access)
        parts.append(found)
        sizes |= covering
    shown = await seals(client, sizes, newest=sealed.size)
    contents = contents_of(parts, shown, framework=framework, access=access)
    return await _signed(client, contents, access, wanted, keys=shown.keys)


def contents_of(
    parts: Sequence[ChainPart], shown: Seals, *, framework: str | None, access: Access
) -> dict[str, bytes]:
    """Every file of a pack but its manifest."""
    controls = None if framework is None else controls_of(framework)
    findings = () if controls is None else map_controls(controls, parts)
    index = index_page(
        parts,
        at=access.at,
        by=access.reader,
        newest=newest_of(shown.seals, [read_key(key) for key in shown.keys]),
        keys=shown.keys,
        controls=controls,
        findings=findings,
    )
    mapped = {CONTROLS: json_lines(findings)} if controls is not None else {}
    return {
        **chain_files(parts),
        **seal_files(shown.seals, shown.keys),
        **mapped,
        INDEX: index.encode(),
    }


async def _signed(
    client: Client,
    contents: Mapping[str, bytes],
    access: Access,
    chains_shown: Sequence[str],
    *,
    keys: Sequence[str],
) -> bytes:
    manifest = Manifest(at=access.at, by=access.reader, files=digests(contents))
    ask = SignPack(manifest=manifest.text, access=access, chains=tuple(chains_shown))
    pack = await asked(client, SealingPort.sign_pack, ask, about="audit/pack")
    if pack.key not in keys:
        raise CommandFailed("the signing key was rotated in the meantime: export again")
    return packed({**contents, MANIFEST: pack.note.encode()})


async def _wanted(client: Client, releases: Sequence[str]) -> tuple[str, ...]:
    known = [chain async for chain in chains(client)]
    if not releases:
        return tuple(known)
    named = [chain for name in releases for chain in await chains_of(client, name)]
    beside = (chain for chain in known if not chain.startswith(RELEASES))
    return tuple(dict.fromkeys((*named, *beside)))
