"""What `lockgate audit` takes at the keyboard; with a release that ran in tests/engine."""

import json

import pytest

from starters.exit_codes import ExitCode
from starters.main import run
from tests.packs import a_packing


@pytest.fixture
def pack(tmp_path):
    file = tmp_path / "pack.zip"
    file.write_bytes(a_packing().pack())
    return file


@pytest.fixture(autouse=True)
def no_server(monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")


def test_a_pack_is_verified_and_the_keys_to_compare_are_printed(pack, capsys):
    code = run(["audit", "verify", "--export", str(pack)])

    said = capsys.readouterr().out
    assert code == ExitCode.OK
    assert "intact: 5 records of 2 chains, under the checkpoint of 5 records" in said
    assert str(a_packing().sealing.key) in said
    assert "compare these keys with those that you know from elsewhere" in said


def test_with_the_key_that_one_knows_there_is_nothing_left_to_compare(pack, capsys):
    key = str(a_packing().sealing.key)

    assert run(["audit", "verify", "--export", str(pack), "--key", key]) == ExitCode.OK
    assert "compare" not in capsys.readouterr().out


def test_a_changed_byte_is_exit_code_31_and_said(pack, capsys):
    content = bytearray(pack.read_bytes())
    content[-1] ^= 1
    pack.write_bytes(bytes(content))

    code = run(["audit", "verify", "--export", str(pack), "-o", "json"])

    verdict = json.loads(capsys.readouterr().out)
    assert code == ExitCode.AUDIT_BROKEN
    assert verdict["intact"] is False
    assert f"byte {len(content) - 1} of the file" in verdict["flaws"][0]


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path, capsys):
    code = run(["audit", "verify", "--export", str(tmp_path / "nowhere.zip")])

    assert code == ExitCode.USAGE
    assert "cannot be read" in capsys.readouterr().err


def test_the_rulings_of_a_pack_are_made_again(pack, capsys):
    assert run(["audit", "replay", str(pack)]) == ExitCode.OK
    assert "1 of 1 rulings come out as they did" in capsys.readouterr().out


def test_a_pack_that_is_broken_is_not_ruled_on(pack, capsys):
    pack.write_bytes(pack.read_bytes()[:-1])

    assert run(["audit", "replay", str(pack)]) == ExitCode.AUDIT_BROKEN
    assert "pack.zip:" in capsys.readouterr().err


def test_an_export_needs_a_file_to_write(capsys):
    assert run(["audit", "export", "shop"]) == ExitCode.USAGE
    assert "--to" in capsys.readouterr().err


def test_without_a_server_the_rest_is_to_be_tried_again(capsys):
    assert run(["audit", "verify"]) == ExitCode.UNAVAILABLE
    assert run(["audit", "keys"]) == ExitCode.UNAVAILABLE
