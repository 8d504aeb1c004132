"""How often a provider is asked whether it is done yet."""

from activities.pace import Pace

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 15.0


class Polling:
    """Pauses between looks that grow: most things are soon over, and some last for an hour."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next = _FIRST_SECONDS

    def wait(self) -> None:
        """Until the next look is due.

        Raises:
            CancelledError: the story needs it no more.
            HandedOver: this worker stops; another one goes on.
        """
        self._pace.wait(self._next)
        self._next = min(self._next * 2, _LONGEST_SECONDS)
