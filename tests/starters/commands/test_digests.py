"""Digests as people type them."""

import pytest

from starters.commands.digests import digest
from starters.failures import CommandFailed
from tests.attesting import BUILD


@pytest.mark.parametrize(
    "written",
    [BUILD, BUILD[7:], BUILD.upper(), f" {BUILD} ", f"registry.example/checkout@{BUILD}"],
)
def test_a_digest_is_read_however_it_is_written(written):
    assert digest(written) == BUILD


@pytest.mark.parametrize("written", ["", "v2", "registry/checkout:v2", BUILD[:-1], f"{BUILD}0"])
def test_what_can_move_is_no_digest(written):
    with pytest.raises(CommandFailed, match="is no digest"):
        digest(written)
