"""When to look at a canary next: at its interval, and the more rarely the longer it is held."""

from datetime import timedelta

_SOON = timedelta(minutes=5)


def until_next_look(*, interval: timedelta, duration: timedelta, elapsed: timedelta) -> timedelta:
    """How long to wait when a step of *duration* has lasted *elapsed*.

    Beyond its time a step looks after a tenth of what it is over, at most five minutes, and
    never after less than a hundredth: a hold of a week ends within some hundreds of looks, so
    that it does not fill the history, of which Temporal ends a story that has too much.
    """
    over = max(elapsed - duration, timedelta(0))
    return max(interval, min(over / 10, _SOON), over / 100)
