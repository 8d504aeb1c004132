"""`lockgate audit` from the keyboard, on a release that really ran: verify, export, replay."""

import json

import pytest

from starters.exit_codes import ExitCode
from tests.builders import an_order
from workflows.domain.audit_log.access import ACCESS
from workflows.domain.audit_log.archive import packed, unpacked
from workflows.domain.values import Target
from workflows.ports.audit import AppendRecord

CHECKOUT = Target(service="checkout", environment="production")


@pytest.fixture
async def ended(start, world):
    """The id of a release that ended well."""
    world.serve(CHECKOUT, "v1")
    started = await start(an_order())
    await started.result()
    return started.handle.id


def accesses(world):
    return [(e.action, e.actor, e.detail) for e in world.recorded(ACCESS)]


async def test_a_release_is_verified_with_its_checkpoint(ended, lockgate, world):
    await lockgate("audit", "verify", ended, "--by", "ana")
    world.sealing.seal_record(None)
    code, out, _ = await lockgate("audit", "verify", ended, "--by", "ana")
    _, as_json, _ = await lockgate("audit", "verify", ended, "-o", "json")

    verdict = json.loads(as_json)
    assert code == ExitCode.OK
    assert f"{verdict['entries']} of them under the checkpoint of" in out
    assert verdict["sealed"] == verdict["entries"]
    assert ("read_record", "ana", "verify") in accesses(world)


async def test_a_record_that_was_rewritten_is_found_by_its_checkpoint(ended, lockgate, world):
    """The chain fits in itself: only what was sealed tells."""
    world.sealing.seal_record(None)
    entries = world.recorded(ended)
    world.audit.links[ended].clear()
    entries[1] = entries[1].model_copy(update={"outcome": "never"})
    world.audit.append_record(AppendRecord(release=ended, entries=tuple(entries)))

    code, out, _ = await lockgate("audit", "verify", ended)
    whole, log, _ = await lockgate("audit", "verify")

    assert (code, whole) == (ExitCode.AUDIT_BROKEN, ExitCode.AUDIT_BROKEN)
    assert f"broken: position 2 of {ended} is not what the checkpoint" in out
    assert "position 2" in log


async def test_a_key_that_is_not_trusted_is_told(ended, lockgate, world):
    world.sealing.seal_record(None)
    _, out, _ = await lockgate("audit", "keys")
    key = out.strip()

    assert key == str(world.sealing.key)
    assert (await lockgate("audit", "verify", ended, "--key", key))[0] == ExitCode.OK
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    code, said, _ = await lockgate("audit", "verify", ended, "--key", other)
    assert code == ExitCode.AUDIT_BROKEN
    assert "not known here" in said


async def test_a_pack_is_exported_verified_without_a_server_and_replayed(
    ended, lockgate, world, tmp_path, monkeypatch
):
    pack = tmp_path / "pack.zip"
    code, out, err = await lockgate(
        "audit", "export", ended, "--control", "sox", "--to", pack, "--by", "ana"
    )
    assert (code, err) == (ExitCode.OK, "")
    assert "index.html in it is to be read first" in out
    exported = [done for done in accesses(world) if done[0] == "export_record"]
    assert [(action, actor) for action, actor, _ in exported] == [("export_record", "ana")]

    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    key = str(world.sealing.key)
    verified, said, _ = await lockgate("audit", "verify", "--export", pack, "--key", key)
    _, as_json, _ = await lockgate("audit", "verify", "--export", pack, "-o", "json")
    replayed, told, _ = await lockgate("audit", "replay", pack)

    verdict = json.loads(as_json)
    assert (verified, replayed) == (ExitCode.OK, ExitCode.OK)
    assert "intact" in said
    assert verdict["rulings"] >= 1
    assert verdict["chains"][ended] == len(world.recorded(ended))
    assert f"{verdict['rulings']} of {verdict['rulings']} rulings come out" in told


async def test_a_pack_that_was_changed_is_refused_offline(ended, lockgate, tmp_path):
    pack = tmp_path / "pack.zip"
    await lockgate("audit", "export", ended, "--to", pack)
    files, _ = unpacked(pack.read_bytes())
    name = next(n for n, c in files.items() if n.startswith("records/") and b"every stage" in c)
    files[name] = files[name].replace(b"every stage", b"no stage at all")
    pack.write_bytes(packed(files))

    verified, said, _ = await lockgate("audit", "verify", "--export", pack)
    replayed, _, err = await lockgate("audit", "replay", pack)

    assert (verified, replayed) == (ExitCode.AUDIT_BROKEN, ExitCode.AUDIT_BROKEN)
    assert "was changed after it was written" in said
    assert name in said or name in err


async def test_rulings_of_a_release_are_replayed_from_the_ledger(ended, lockgate):
    code, out, _ = await lockgate("audit", "replay", ended)

    assert code == ExitCode.OK
    assert "rulings come out as they did" in out
    assert "admitted" in out


async def test_what_nothing_is_recorded_of_cannot_be_exported(ended, lockgate, tmp_path):
    code, _, err = await lockgate("audit", "export", "nowhere", "--to", tmp_path / "pack.zip")

    assert code == ExitCode.USAGE
    assert "nothing is recorded of 'nowhere'" in err


async def test_who_reads_the_events_of_a_release_is_on_the_record_once(ended, lockgate, world):
    await lockgate("events", ended, "--by", "eve")

    assert accesses(world).count(("read_record", "eve", "events")) == 1
