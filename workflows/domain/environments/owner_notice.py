"""A notice to an environment's owner."""

from workflows.domain.values import Value


class OwnerNotice(Value):
    """What is told, and the *key* by which two of them are the same."""

    key: str
    subject: str
    text: str
