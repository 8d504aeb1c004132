"""A ZIP file of which there is exactly one for given contents, so that no byte is left unread.

Stored, not packed, with the same date on every file: any unzip opens it.
"""

import struct
import zlib
from collections.abc import Mapping

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# Version 2.0, no flags, stored, midnight of 1980-01-01: the earliest that ZIP can say.
_FIXED = (20, 0, 0, 0, 0x21)
_MOST_BYTES = 2**31
_MOST_FILES = 60_000


class NotThePack(Exception):
    """The bytes are not what `packed` writes; the text says from where on."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """The archive of *files*, whose names are ASCII, in the order of their names.

    Raises:
        ValueError: more than a plain ZIP can hold.
    """
    if len(files) > _MOST_FILES or sum(map(len, files.values())) > _MOST_BYTES:
        raise ValueError("an evidence pack holds at most 60 000 files and 2 GiB: export less")
    body, central = bytearray(), bytearray()
    for name, content in sorted(files.items()):
        written = name.encode("ascii")
        about = (zlib.crc32(content), len(content), len(content))
        central += _CENTRAL.pack(
            _CENTRAL_MARK, 20, *_FIXED, *about, len(written), 0, 0, 0, 0, 0, len(body)
        )
        central += written
        body += _LOCAL.pack(_LOCAL_MARK, *_FIXED, *about, len(written), 0) + written + content
    count = len(files)
    end = _END.pack(_END_MARK, 0, 0, count, count, len(central), len(body), 0)
    return bytes(body + central + end)


def unpacked(archive: bytes) -> tuple[dict[str, bytes], int | None]:
    """The files of *archive*, and the first byte that `packed` would have written otherwise.

    Raises:
        NotThePack: not even its files can be told apart.
    """
    files: dict[str, bytes] = {}
    at = 0
    while archive[at : at + 4] == _LOCAL_MARK and len(archive) >= at + _LOCAL.size:
        size, length = _LOCAL.unpack_from(archive, at)[8:10]
        begin = at + _LOCAL.size
        name = archive[begin : begin + length].decode("ascii", errors="replace")
        at = begin + length + size
        files[name] = archive[begin + length : at]
    if not files or archive[at : at + 4] != _CENTRAL_MARK:
        raise NotThePack(f"not an evidence pack: cut or changed at byte {min(at, len(archive))}")
    try:
        again = packed(files)
    except (UnicodeEncodeError, ValueError) as error:
        raise NotThePack(f"not an evidence pack: {error}") from None
    return files, _first_difference(archive, again)


def _first_difference(one: bytes, other: bytes) -> int | None:
    if one == other:
        return None
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
