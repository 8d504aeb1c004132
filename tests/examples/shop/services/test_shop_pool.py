import pytest

from examples.shop.services.shop_pool import Pool


class Line:
    """A connection that works until it is cut."""

    def __init__(self):
        self.cut = False
        self.closed = False

    def close(self):
        self.closed = True

    def talk(self):
        if self.cut:
            raise ConnectionError
        return self


class Exchange:
    def __init__(self):
        self.lines = []
        self.pool = Pool(connect=self.connect, broken=(ConnectionError,), size=4)

    def connect(self):
        self.lines.append(Line())
        return self.lines[-1]


@pytest.fixture
def exchange():
    return Exchange()


def test_a_connection_is_used_again(exchange):
    first, second = (exchange.pool.run(Line.talk) for _ in range(2))

    assert first is second


def test_work_on_a_broken_kept_connection_is_done_again_on_a_new_one(exchange):
    inner = exchange.pool.run(lambda _: exchange.pool.run(Line.talk))
    for line in exchange.lines:
        line.cut = True

    fresh = exchange.pool.run(Line.talk)

    assert fresh is not inner
    assert [line.closed for line in exchange.lines] == [True, True, False]


def test_a_new_connection_that_fails_is_not_tried_again(exchange):
    def fail(_):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        exchange.pool.run(fail)

    assert [line.closed for line in exchange.lines] == [True]


def test_any_other_failure_is_not_tried_again_and_its_connection_is_closed(exchange):
    exchange.pool.run(Line.talk)

    with pytest.raises(ZeroDivisionError):
        exchange.pool.run(lambda _: 1 / 0)

    assert [line.closed for line in exchange.lines] == [True]
