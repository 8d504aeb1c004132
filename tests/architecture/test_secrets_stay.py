"""Nothing that enters a history is named like a secret: only a SecretRef travels."""

import re

from tools.wire_lock import current

SECRET = re.compile(
    r"passw|secret(?!_?ref)|token|credential|api_?key|private_?key|access_?key|passphrase",
    re.IGNORECASE,
)


def test_no_message_has_a_field_that_is_named_like_a_secret():
    named = [
        f"{kind}.{field}"
        for kind, fields in current()["types"].items()
        for field in fields
        if SECRET.search(field)
    ]

    assert named == []


def test_the_pattern_finds_what_it_should():
    assert all(map(SECRET.search, ("password", "authToken", "secret_key", "apiKey")))
    assert not any(map(SECRET.search, ("secretRef", "secret_ref", "passed", "key")))
