"""Files as they travel in messages: compressed, and bounded before and after."""

import base64
import binascii
import gzip
import zlib

from workflows.domain.errors import Refused
from workflows.domain.values import Digest, digest_of, short
from workflows.ports.attestations import MOST_SENT, SentFile

_GZIP = 16 + zlib.MAX_WBITS


def unpacked(sent: SentFile, *, most: int) -> bytes:
    """The bytes of *sent*, at most *most* of them.

    Raises:
        Refused: not gzip in base64, too large packed or unpacked, or not of its digest.
    """
    what = f"evidence {short(sent.digest)}"
    try:
        packed = base64.b64decode(sent.content, validate=True)
        if len(packed) > MOST_SENT:
            raise Refused(f"{what}: {len(packed)} bytes packed, at most {MOST_SENT} are taken")
        unpacking = zlib.decompressobj(_GZIP)
        content = unpacking.decompress(packed, most + 1)
    except (binascii.Error, zlib.error) as error:
        raise Refused(f"{what}: it did not arrive as gzip in base64: {error}") from error
    if len(content) > most:
        raise Refused(f"{what}: more than {most} bytes unpacked; nothing was kept")
    if not unpacking.eof:
        raise Refused(f"{what}: it did not arrive whole; nothing was kept")
    if (found := digest_of(content)) != sent.digest:
        raise Refused(f"{what}: expected {sent.digest}, arrived {found}; nothing was kept")
    return content


def packed(digest: Digest, content: bytes) -> SentFile:
    """*content* ready to travel.

    Raises:
        Refused: it is too large for that.
    """
    pressed = gzip.compress(content, mtime=0)
    if len(pressed) > MOST_SENT:
        raise Refused(
            f"evidence {short(digest)}: {len(pressed)} bytes packed, at most {MOST_SENT} travel; "
            "take it from the store itself"
        )
    return SentFile(digest=digest, content=base64.b64encode(pressed).decode())
