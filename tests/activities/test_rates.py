"""No API is asked more often than declared, whoever asks and however they come."""

import io
import threading
import time
from collections import deque

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from activities.rates import ApiRates, TokenBucket, Turns
from workflows.domain.errors import Unavailable

RATES = st.floats(min_value=0.5, max_value=100)
STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "take", "slow"]), st.floats(0, 5)), max_size=150
)


class Clock:
    """Time that passes by waiting alone."""

    def __init__(self):
        self.at = 1000.0
        self.waits = []

    def now(self):
        return self.at

    def wait(self, seconds):
        self.waits.append(seconds)
        self.at += seconds


@pytest.fixture
def clock():
    return Clock()


def turns(clock, *, rate=10.0, burst=10.0):
    return Turns("sqs at preview", rate=rate, burst=burst, clock=clock.now, wait=clock.wait)


@given(RATES, st.integers(1, 20), STEPS)
def test_no_window_of_time_sees_more_than_the_burst_and_its_share(rate, burst, steps):
    bucket = TokenBucket(rate=rate, burst=burst, now=0)
    at, taken = 0.0, []

    for step, passed in steps:
        at += passed
        if step == "slow":
            bucket.slow_down(at)
        elif bucket.take(at):
            taken.append(at)

    for first, began in enumerate(taken):
        for last, ended in enumerate(taken[first:], first):
            assert last - first + 1 <= burst + rate * (ended - began) + 1e-6


@given(RATES, st.integers(1, 20), STEPS)
def test_after_the_pause_that_it_says_one_may_go_through(rate, burst, steps):
    bucket = TokenBucket(rate=rate, burst=burst, now=0)
    at = 0.0
    for step, passed in steps:
        at += passed
        _ = bucket.slow_down(at) if step == "slow" else bucket.take(at)

    assert bucket.take(at + bucket.pause(at) + 1e-6)


def test_a_bucket_lets_a_burst_through_and_then_its_rate():
    bucket = TokenBucket(rate=2, burst=3, now=0)

    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert bucket.pause(0) == pytest.approx(0.5)
    assert bucket.pause(0, ahead=3) == pytest.approx(2)
    assert not bucket.take(0.49)
    assert bucket.take(0.5)


def test_one_crowd_of_refusals_is_one_sign():
    bucket = TokenBucket(rate=8, burst=8, now=0)

    assert bucket.slow_down(0)
    assert not bucket.slow_down(0.5)
    assert bucket.rate == pytest.approx(4, rel=0.05)
    assert bucket.slow_down(1.5)
    assert bucket.rate == pytest.approx(2, rel=0.1)


def test_nothing_goes_through_at_once_after_a_throttling():
    bucket = TokenBucket(rate=8, burst=8, now=0)

    bucket.slow_down(0)

    assert not bucket.take(0.2)
    assert bucket.take(0.26)


def test_a_rate_comes_back_in_a_minute_and_never_falls_to_nothing():
    bucket = TokenBucket(rate=20, burst=20, now=0)
    for second in range(100):
        bucket.slow_down(second * 1.01)
    slowest = bucket.rate

    bucket.take(100 + 61)

    assert slowest == pytest.approx(1)
    assert bucket.rate == 20


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0.5)])
def test_a_bucket_that_lets_nothing_through_is_a_mistake(rate, burst):
    with pytest.raises(ValueError, match="must be above 0"):
        TokenBucket(rate=rate, burst=burst, now=0)


def test_turns_are_waited_for_at_the_declared_rate(clock):
    line = turns(clock, rate=10, burst=5)
    began = clock.at

    for _ in range(25):
        line.take()

    assert clock.at - began == pytest.approx(2.0, abs=0.1)
    assert line.taken == 25


def test_whoever_would_wait_too_long_is_told_so_and_leaves_the_line(clock):
    line = turns(clock, rate=0.01, burst=1)
    line.take()

    with pytest.raises(Unavailable, match=r"sqs at preview is asked 0.01 times a second at most"):
        line.take()

    clock.at += 100
    line.take()
    assert clock.waits == []


def test_whoever_is_cancelled_while_waiting_holds_up_nobody(clock):
    def cancelled(seconds):
        raise KeyboardInterrupt

    line = Turns("sqs at preview", rate=1, burst=1, clock=clock.now, wait=cancelled)
    line.take()
    with pytest.raises(KeyboardInterrupt):
        line.take()

    clock.at += 1
    line.take()


def test_those_who_come_first_go_first(clock):
    """A turn falls due while the first one still sleeps; whoever comes then does not get it."""
    came = []
    second_came, first_done = threading.Event(), threading.Event()
    line = turns(clock, rate=1, burst=1)
    line.take()

    def who():
        return threading.current_thread().name

    def first_sleeps(seconds):
        clock.at += 1
        second.start()
        assert second_came.wait(5)

    def second_sleeps(seconds):
        second_came.set()
        assert first_done.wait(5)
        clock.at += seconds

    def go():
        line.take()
        came.append(who())
        (first_done if who() == "first" else second_came).set()

    def sleep(seconds):
        waits[who()](seconds)

    waits = {"first": first_sleeps, "second": second_sleeps}
    line._wait = sleep
    first, second = (threading.Thread(target=go, name=name) for name in waits)
    first.start()
    first.join(10)
    second.join(10)

    assert came == ["first", "second"]


def test_many_threads_keep_one_rate():
    line = Turns("sqs at preview", rate=200, burst=10)
    taken = []

    def work():
        for _ in range(10):
            line.take()
            taken.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 80
    assert time.monotonic() - began >= (80 - 10) / 200


@pytest.fixture
def answers():
    """What AWS answers, in order: a status and a body; the last one for ever."""
    return deque([(200, b"{}")])


@pytest.fixture
def connected(answers):
    """Opens clients whose requests end where the wire begins."""
    opened = []

    def sent(request, **_):
        status, body = answers[0] if len(answers) == 1 else answers.popleft()
        raw = io.BytesIO(body)
        raw.stream = lambda **_: iter([body])
        return AWSResponse(request.url, status, {}, raw)

    def connect(service="sqs", attempts=1):
        client = boto3.client(
            service,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}),
        )
        client.meta.events.register("before-send", sent)
        opened.append(client)
        return client

    yield connect
    for client in opened:
        client.close()


THROTTLED = (400, b'{"__type": "RequestThrottled", "message": "slow"}')


def rates(clock, **options):
    options = {"per_second": 10.0, **options}
    return ApiRates("preview", clock=clock.now, wait=clock.wait, **options)


def test_every_request_of_a_client_takes_its_turn(clock, connected):
    limits = rates(clock, per_second=2)
    sqs = limits.bind(connected())
    began = clock.at

    for _ in range(6):
        sqs.list_queues()

    assert clock.at - began == pytest.approx(2.0, abs=0.1)
    assert limits.turns("sqs").taken == 6


def test_clients_of_one_service_share_its_line_and_others_have_their_own(clock, connected):
    """Keys that are renewed make a new client; the API counts the old one's requests too."""
    limits = rates(clock, by_service={"sns": 5.0})
    old, new, other = connected(), connected(), connected("dynamodb")
    for client in (old, new, other):
        limits.bind(client)

    old.list_queues()
    new.list_queues()
    other.list_tables()

    assert limits.turns("sqs").taken == 2
    assert limits.turns("dynamodb").taken == 1
    assert (limits.turns("sqs").rate, limits.turns("sns").rate) == (10.0, 5.0)


def test_an_attempt_of_botocore_s_own_takes_a_turn_as_well(clock, connected, answers):
    answers.extendleft([(500, b"{}")])
    limits = rates(clock)
    sqs = limits.bind(connected(attempts=2))
    sqs.meta.events.register("needs-retry", lambda attempts, **_: 0 if attempts == 1 else None)

    sqs.list_queues()

    assert limits.turns("sqs").taken == 2


@pytest.mark.parametrize("answer", [THROTTLED, (429, b"{}")])
def test_an_api_that_throttles_is_asked_less(clock, connected, answers, answer):
    answers.extendleft([answer])
    limits = rates(clock)
    sqs = limits.bind(connected())

    with pytest.raises(ClientError), capture_logs() as logged:
        sqs.list_queues()

    assert limits.turns("sqs").rate == pytest.approx(5)
    assert limits.turns("sqs").throttled == 1
    assert [(each["event"], each["api"]) for each in logged] == [
        ("api_throttled", "sqs at preview")
    ]


def test_an_api_that_says_no_is_asked_as_before(clock, connected, answers):
    answers.extendleft([(403, b'{"__type": "AccessDenied", "message": "no"}')])
    limits = rates(clock)
    sqs = limits.bind(connected())

    with pytest.raises(ClientError):
        sqs.list_queues()

    assert limits.turns("sqs").rate == 10
    assert limits.turns("sqs").throttled == 0
