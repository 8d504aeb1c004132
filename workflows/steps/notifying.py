"""Telling a person what happens, which nothing that happens depends on."""

from workflows.domain.environments.order import EnvironmentOrder
from workflows.domain.environments.owner_notice import OwnerNotice
from workflows.domain.errors import ReleaseError
from workflows.ports.notices import NoticesPort, SendNotice, SentNotice
from workflows.steps.call import call
from workflows.steps.trail import Trail


async def tell_owner(order: EnvironmentOrder, notice: OwnerNotice, *, trail: Trail) -> str:
    """Tell the owner of an environment; whether and how that went, in a sentence and on record.

    It takes as long as the port lets a mail server be silent: run it beside what must go on.

    Raises:
        asyncio.CancelledError: the story was cancelled.
    """
    ask = SendNotice(
        to=order.owner,
        address=order.contact,
        subject=notice.subject,
        text=notice.text,
        key=notice.key,
    )
    try:
        sent = await call(NoticesPort.send_notice, ask)
    except ReleaseError as error:
        sent = SentNotice(sent=False, how=f"{error.kind}: {error}")
    outcome = "told" if sent.sent else "not told"
    trail.note("send_notice", str(ask), outcome=outcome, detail=sent.how)
    return str(sent)
