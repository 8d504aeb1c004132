from activities.environments.polling import Polling


class Waits:
    """A pace that passes no time, and keeps what it was asked to wait."""

    def __init__(self):
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)


def test_looks_are_soon_and_then_ever_less_often():
    pace = Waits()
    polling = Polling(pace)

    for _ in range(8):
        polling.wait()

    assert pace.waits == [0.5, 1, 2, 4, 8, 15, 15, 15]
