"""A read and an export are one entry each, whoever retries."""

from datetime import UTC, datetime

from workflows.domain.audit_log.access import Access, entry_of_export, entry_of_read

ACCESS = Access(reader="ana", session="s", at=datetime(2026, 3, 1, tzinfo=UTC), purpose="verify")


def test_a_read_is_one_entry_for_each_chain_of_a_session():
    one, again, other = (entry_of_read(ACCESS, chain) for chain in ("a", "a", "b"))

    assert one == again
    assert one.key != other.key
    assert (one.actor, one.detail, one.action) == ("ana", "verify", "read_record")


def test_an_export_says_what_was_given_out_as_far_as_an_entry_holds_it():
    few = entry_of_export(ACCESS, ["a", "b"], "sha256:1")
    many = entry_of_export(ACCESS, ["release/" + "x" * 40] * 30, "sha256:1")

    assert few.detail == "sha256:1: a, b"
    assert many.detail.startswith("sha256:1: release/")
    assert len(many.detail) == 500
    assert many.detail.endswith("...")
