"""Packs a version's files into the same zip bytes everywhere, so that a digest can be its name."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

MANIFESTS = ("bundle.json", "version.json")

# What a zip records beside the content is fixed: it must not tell who packed it, where or when.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """The bundle of *files*, by name; stored uncompressed, as zlib's output varies by version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_TIME)
            entry.create_system = _UNIX
            entry.external_attr = _PLAIN_FILE
            bundle.writestr(entry, files[name])
    return packed.getvalue()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_of_folder(folder: Path) -> str:
    """The digest of the bundle that was unpacked into *folder*, from what lies there now.

    Packing is deterministic, so an unchanged folder gives the published digest and a changed one
    cannot. Files that are neither Python nor a manifest are not part of a bundle.
    """
    members = [*folder.glob("*.py"), *(folder / name for name in MANIFESTS)]
    return digest_of(pack({member.name: member.read_bytes() for member in members}))
