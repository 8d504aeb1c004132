"""A version as one zip file: opened only when its bytes are the digest's, unpacked only inside."""

import io
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from pydantic import Field, ValidationError

from workflows.domain.errors import ArtifactMismatch, Refused
from workflows.domain.values import Artifact, SpecPart, digest_of

MANIFEST = "bundle.json"
_MOST_FILES = 5_000
_MOST_BYTES = 512 * 1024 * 1024


class BundleManifest(SpecPart):
    """How a version is started, in the folder it was unpacked to, and where it says it is well."""

    service: str
    version: str
    command: tuple[str, ...] = Field(min_length=1)
    health_path: str = Field(pattern=r"^/[!-~]*$")


class Bundle:
    """The files of one artifact, and how it is started."""

    def __init__(self, artifact: Artifact, content: bytes) -> None:
        """Open the zip that *content* is.

        Raises:
            ArtifactMismatch: its bytes are not the digest's, or it is another version's.
            Refused: it is no zip, has no manifest, is too large, or reaches outside its folder.
        """
        if (found := digest_of(content)) != artifact.digest:
            raise ArtifactMismatch(
                f"{artifact}: expected {artifact.digest}, found bytes of {found}"
            )
        self.content = content
        self._named = str(artifact)
        self._files = self._read(content)
        self.manifest = self._manifest()
        said = (self.manifest.service, self.manifest.version)
        if said != (artifact.service, artifact.version):
            raise ArtifactMismatch(
                f"{artifact}: {MANIFEST} says that it is {said[0]} {said[1]}; release that "
                "version, or correct the digest"
            )

    def unpack(self, folder: Path) -> None:
        """Write all files below *folder*, which appears whole or not at all."""
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        for name, content in self._files.items():
            path = partial / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o400)
        partial.rename(folder)

    def difference(self, folder: Path) -> str | None:
        """The first file below *folder* that is missing, added or changed, with what is wrong."""
        found = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
        for name in sorted(self._files.keys() | found.keys()):
            path = found.get(name)
            if path is None:
                return f"{folder / name} is missing"
            if name not in self._files:
                return f"{path} was added"
            if path.is_symlink() or path.read_bytes() != self._files[name]:
                return f"{path} was changed"
        return None

    def _read(self, content: bytes) -> dict[str, bytes]:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                self._check(entries)
                return {entry.filename: archive.read(entry) for entry in entries}
        except zipfile.BadZipFile as error:
            raise Refused(f"{self._named}: not a zip file: {error}") from error

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        size = sum(entry.file_size for entry in entries)
        if len(entries) > _MOST_FILES or size > _MOST_BYTES:
            raise Refused(
                f"{self._named}: {len(entries)} files of {size} bytes unpacked; at most "
                f"{_MOST_FILES} files of {_MOST_BYTES} bytes are run"
            )
        for entry in entries:
            if not _stays_inside(entry):
                raise Refused(
                    f"{self._named}: {entry.filename!r} is a link or lies outside the bundle; "
                    "a bundle holds plain files with relative names"
                )
        names = [entry.filename for entry in entries]
        if len(set(names)) != len(names):
            raise Refused(f"{self._named}: holds two files of one name")

    def _manifest(self) -> BundleManifest:
        if MANIFEST not in self._files:
            raise Refused(f"{self._named}: has no {MANIFEST}, which says how it is started")
        try:
            return BundleManifest.model_validate_json(self._files[MANIFEST])
        except ValidationError as error:
            raise Refused(f"{self._named}: {MANIFEST}: {error}") from error


def forget(folder: Path) -> None:
    """Remove an unpacked folder, and what an interrupted unpacking left beside it."""
    for left in [*folder.parent.glob(f".{folder.name}.*"), folder]:
        if left.exists():
            shutil.rmtree(left)


def _stays_inside(entry: zipfile.ZipInfo) -> bool:
    """Whether the entry is a plain file with a plain relative name."""
    path = PurePosixPath(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return (
        kind in {0, stat.S_IFREG}
        and not path.is_absolute()
        and path.as_posix() == entry.filename
        and ".." not in path.parts
        and not set(entry.filename) & set("\\:\0")
    )
