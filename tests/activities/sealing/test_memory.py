from activities.sealing.memory import remember, remembered


def test_the_newest_checkpoint_of_a_log_is_remembered_and_never_an_older_one(ledger):
    def work(connection):
        for origin, size in (("o", 3), ("o", 7), ("o", 7), ("o", 5), ("p", 9)):
            remember(connection, origin=origin, size=size, note="n")
        return [remembered(connection, origin) for origin in ("o", "p", "q")]

    assert ledger.write(work) == [7, 9, 0]
