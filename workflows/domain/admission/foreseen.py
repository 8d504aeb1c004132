"""What would be ruled on a release that nobody has started."""

from workflows.domain.admission.admission import Admission
from workflows.domain.admission.facts import Facts
from workflows.domain.values import Value


class Foreseen(Value):
    """The ruling of one moment; `refused` where there is none, `unread` why facts are missing."""

    facts: Facts | None = None
    admission: Admission | None = None
    refused: str = ""
    unread: str = ""
