from workflows.domain.environments.commands import SetHold


def test_what_anybody_may_send_does_not_outgrow_what_carries_it():
    said = SetHold(by="a" * 5_000, reason="b" * 50_000)

    assert len(said.by) == 200
    assert len(said.reason) == 2_000
