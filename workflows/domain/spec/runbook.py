"""A runbook: what people do by hand when a release needs them, and how they take it back."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from workflows.domain.spec.document import Document
from workflows.domain.spec.escalation import Span
from workflows.domain.values import FileName, Name, SpecPart


class Prose(SpecPart):
    """Markdown, written here or in a file of the catalog's folder."""

    text: str | None = Field(default=None, min_length=1, max_length=32_000)
    """The words themselves; a bare text stands for it."""
    file: FileName | None = None
    """A file that holds them, such as `runbooks/ledger.md`."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.text is None) == (self.file is None):
            raise ValueError("give either text or file")
        return self


def _bare(written: Any) -> Any:
    return {"text": written} if isinstance(written, str) else written


Markdown = Annotated[Prose, BeforeValidator(_bare, json_schema_input_type=str | Prose)]


class RunbookCommand(SpecPart):
    """A command that a step uses; people run it, Lockgate only shows it."""

    name: Name
    """What the steps call it."""
    run: str = Field(min_length=1, max_length=2000)
    """As it is typed."""
    expect: str = Field(default="", max_length=500)
    """What shows that it worked."""


class RunbookSpec(SpecPart):
    """What people do by hand, how they see that it worked, and how they take it back.

    A review counts for exactly these words: any edit, also of a file that is named here, voids it.
    """

    title: str = Field(min_length=1, max_length=200)
    """What it is for."""
    author: Name
    """The `Person` of the catalog who wrote it, and who cannot review it."""
    steps: Markdown
    """What to do, in order."""
    commands: tuple[RunbookCommand, ...] = Field(default=(), max_length=50)
    """The commands of the steps, so that they can be read and copied apart from the prose."""
    verification: Markdown
    """How one sees that it worked."""
    rollback_plan: Markdown
    """How the release is taken back by hand, should Lockgate not be able to."""

    @model_validator(mode="after")
    def _commands_differ(self) -> Self:
        names = [command.name for command in self.commands]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"commands named twice: {', '.join(repeated)}")
        return self


class Runbook(Document):
    kind: Literal["Runbook"]
    spec: RunbookSpec


class RunbookRuleSpec(SpecPart):
    """What an environment asks of the runbook of a release before approval opens."""

    required: bool = True
    """Whether a release without a runbook is refused."""
    reviews: int = Field(default=1, ge=1, le=5)
    """So many people, none of them its author, must have approved of it as it is."""
    role: Name | None = None
    """The role that those who review it hold; without one, any `Person` of the catalog may."""
    rehearsed_within: Span | None = None
    """How long ago it may have been rehearsed, as it is, and worked."""


class RehearsalSpec(SpecPart):
    """How fresh the rehearsal of the release's runbook must be."""

    within: Span
    """Since it was last rehearsed, as it is, and worked."""
