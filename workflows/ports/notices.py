"""Telling a person, outside of Lockgate, what they should know in time."""

from abc import abstractmethod
from datetime import timedelta

from workflows.domain.names import Queue
from workflows.domain.values import Value
from workflows.ports.base import Message, Port, limited


class SendNotice(Message):
    """Tell *to*, at *address*, where the catalog knows one.

    *key* names what is told: two asks with one key are one notice, whatever else differs.
    """

    to: str
    address: str | None
    subject: str
    text: str
    key: str

    def __str__(self) -> str:
        return f"tell {self.to}: {self.subject}"


class SentNotice(Value):
    """Whether it is on its way; *how* says by which way, or else why it is not."""

    sent: bool
    how: str

    def __str__(self) -> str:
        return f"told {self.how}" if self.sent else f"not told: {self.how}"


class NoticesPort(Port):
    queue = Queue.NOTICES

    # An hour outlasts a mail server that starts anew; what is told much later helps nobody.
    @limited(attempt=timedelta(minutes=2), total=timedelta(hours=1), recorded=False, awaited=False)
    @abstractmethod
    def send_notice(self, ask: SendNotice) -> SentNotice:
        """Hand the notice over to whoever delivers it; that it is read is nothing we learn.

        Where nobody can be told, for lack of an address or of a way, nothing is raised: the
        answer says so. Asked again it is sent again, with the identifier that belongs to the key,
        by which servers and readers of mail know it for the same.

        Raises:
            Refused: the address or the message is turned down for good; not retried.
            Unavailable: nobody takes it now; retried within the limits.
        """
