"""An undo as data: it can be printed, carried between stories, and run much later."""

from datetime import datetime

from pydantic import JsonValue

from workflows.domain.values import Value


class Undo(Value):
    """One ask that puts back one thing; *subject* is the target it belongs to.

    Undos of one subject depend on each other, newest first: while taking traffic off a version
    has failed, removing that version must not be tried. With *waits_for* it also depends on the
    undos of these subjects, which need what it takes away.
    """

    subject: str
    method: str
    ask: dict[str, JsonValue]
    sentence: str
    waits_for: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence


class Undone(Value):
    """The outcome of one undo, and when it was over; *failure* is None when it was put back.

    *told* is what is known beyond that, such as how sure it is that a target has recovered;
    *remark* what of it nobody need do anything about, and should know.
    """

    undo: Undo
    failure: str | None = None
    remark: str = ""
    told: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.undo}: {self.failure or self.remark or 'done'}"
