"""The catalogs of controls, and what a pack holds."""

import importlib
import pkgutil

import pytest

import workflows.ports
from starters.audit.audit_export import FRAMEWORKS, contents_of, controls_of
from tests.packs import ANA, SHOP, a_packing
from workflows.domain.audit_log.controls import Where
from workflows.ports.base import Port
from workflows.ports.sealing import ReadSeals

for module in pkgutil.iter_modules(workflows.ports.__path__, "workflows.ports."):
    importlib.import_module(module.name)

# What stories note by themselves, beside the methods of ports.
DECIDED = {
    "alert",
    "close_retrospective",
    "publish_matrix",
    "readiness",
    "decision",
    "end",
    "export_record",
    "gate",
    "override",
    "policy",
    "read_record",
    "rehearsal",
    "review",
    "turn_back",
    "vote",
    "waiver",
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_control_says_what_it_asks_and_what_would_show_it(framework):
    controls = controls_of(framework)

    assert controls.framework == framework
    ids = [control.id for control in controls.controls]
    assert len(set(ids)) == len(ids)
    for control in controls.controls:
        assert control.evidence
        assert control.reference
        for sought in control.evidence:
            assert bool(sought.actions) is (sought.where is not Where.LOG)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_action_that_a_control_seeks_is_one_that_is_recorded(framework):
    sought = {
        action
        for control in controls_of(framework).controls
        for one in control.evidence
        for action in one.actions
    }

    assert sought - set(Port.methods) - DECIDED == set()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_pack_with_controls_holds_the_mapping_and_names_gaps(framework):
    packing = a_packing()
    files = packing.contents(framework=framework)

    assert "controls.json" in files
    assert f"{SHOP}: no record of this" in files["index.html"].decode()


def test_a_pack_without_controls_has_no_mapping():
    packing = a_packing()
    size = packing.seal().size
    seals = packing.sealing.read_seals(ReadSeals(sizes=(3,)))

    files = contents_of([packing.part(SHOP, size)], seals, framework=None, access=ANA)

    assert "controls.json" not in files
    assert sorted(files) == [
        "chains.jsonl",
        "checkpoints.jsonl",
        "decisions/0001.jsonl",
        "index.html",
        "keys.txt",
        "proofs/0001.jsonl",
        "records/0001.jsonl",
    ]
