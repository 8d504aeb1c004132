from workflows.domain.release.undo import Undo, Undone

UNDO = Undo(
    subject="checkout@production",
    method="remove_version",
    ask={"target": {"service": "checkout"}, "digest": None},
    sentence="remove v2 from checkout@production",
)


def test_an_undo_is_data_all_the_way():
    assert Undo.model_validate_json(UNDO.model_dump_json()) == UNDO


def test_an_undo_reads_as_the_sentence_it_was_listed_with():
    assert str(UNDO) == "remove v2 from checkout@production"


def test_an_outcome_says_whether_the_world_was_put_back():
    assert str(Undone(undo=UNDO)) == "remove v2 from checkout@production: done"
    assert str(Undone(undo=UNDO, failure="Refused: no")).endswith(": Refused: no")
