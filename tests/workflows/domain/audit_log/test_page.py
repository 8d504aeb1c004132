"""The page holds everything as text: nothing that was recorded can become part of it."""

from html.parser import HTMLParser

from starters.audit.audit_export import controls_of
from tests.packs import NOON, SHOP, Packing, entry
from workflows.domain.audit_log.checkpoint import Checkpoint
from workflows.domain.audit_log.controls import map_controls
from workflows.domain.audit_log.page import index_page

NEWEST = Checkpoint(origin="o<b>", size=2, root="0" * 64, at=NOON)
EVIL = "<script>alert(1)</script>"


def a_page(framework="sox", count=1):
    packing = Packing()
    entries = [
        entry(
            str(number), sentence=EVIL, detail=EVIL, actor=EVIL, outcome="refused", action="vote"
        )
        for number in range(count)
    ]
    packing.append(SHOP, *entries)
    size = packing.seal().size
    parts = [packing.part(SHOP, size)]
    controls = controls_of(framework)
    return index_page(
        parts,
        at=NOON,
        by=EVIL,
        newest=NEWEST,
        keys=(EVIL,),
        controls=controls,
        findings=map_controls(controls, parts),
    )


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_what_was_recorded_is_shown_and_never_run():
    tags = Tags(a_page())

    assert tags.open == []
    assert not tags.seen & {"script", "img", "link", "iframe"}
    assert EVIL in "".join(tags.text)


def test_each_control_is_shown_with_its_gaps():
    text = "".join(Tags(a_page()).text)

    for control in controls_of("sox").controls:
        assert control.title in text
        assert control.reference in text
    assert f"{SHOP}: no record of this: the release ended, and how" in text


def test_many_places_are_told_as_a_number():
    assert "and 8 more" in a_page(count=20)
