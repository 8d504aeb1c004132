"""A store that locks what it keeps, and a vault's transit engine, in memory."""

import base64
from bisect import bisect_right

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.domain.errors import TargetMissing


class FakeSeals:
    """Keeps each object as it was first put; *failures* are raised first, one for each call."""

    place = "fake://seals"

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.locked: dict[str, object] = {}
        self.failures: list[Exception] = []

    def keep(self, name, content, *, until):
        self._fail()
        self.locked[name] = max(until, self.locked.get(name, until))
        return self.held.setdefault(name, content)

    def read(self, name):
        self._fail()
        return self.held.get(name)

    def names(self, beginning, *, after=""):
        self._fail()
        known = sorted(self.held)
        for name in known[bisect_right(known, after) :]:
            if name.startswith(beginning):
                yield name

    def locks(self):
        self._fail()

    def _fail(self):
        if self.failures:
            raise self.failures.pop(0)


class FakeTransit:
    """An Ed25519 transit key in versions; `rotate` begins the next one."""

    def __init__(self, key: str = "audit") -> None:
        self.key = key
        self.type = "ed25519"
        self.versions: list[Ed25519PrivateKey] = []
        self.rotate()

    def rotate(self) -> None:
        seed = bytes([len(self.versions) + 1]) * 32
        self.versions.append(Ed25519PrivateKey.from_private_bytes(seed))

    def write(self, path, body):
        if path != f"transit/sign/{self.key}":
            raise TargetMissing(f"vault: {path}: there is nothing")
        signature = self.versions[-1].sign(base64.b64decode(body["input"]))
        written = base64.b64encode(signature).decode()
        return {"data": {"signature": f"vault:v{len(self.versions)}:{written}"}}

    def read(self, path):
        if path != f"transit/keys/{self.key}":
            raise TargetMissing(f"vault: {path}: there is nothing")
        keys = {
            str(version): {"public_key": base64.b64encode(_public(key)).decode()}
            for version, key in enumerate(self.versions, start=1)
        }
        return {"data": {"type": self.type, "keys": keys}}


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()
