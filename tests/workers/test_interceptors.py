import pytest
import structlog
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from workers.interceptors import AroundActivities, release_of
from workflows.domain.errors import ReleaseError, TargetMissing, Unavailable


class Inner(ActivityInboundInterceptor):
    """The activity itself, as far as the interceptor sees."""

    def __init__(self, run):
        self._run = run

    async def execute_activity(self, input):
        return self._run()


@pytest.fixture
def around():
    environment = ActivityEnvironment()

    async def run(activity_body):
        intercepted = AroundActivities().intercept_activity(Inner(activity_body))
        asked = ExecuteActivityInput(fn=activity_body, args=[], executor=None, headers={})
        return await environment.run(intercepted.execute_activity, asked)

    return run


def raising(error):
    def body():
        raise error

    return body


async def test_an_answer_passes(around):
    assert await around(lambda: 42) == 42


@pytest.mark.parametrize(
    ("error", "final"), [(TargetMissing("no pay@eu"), True), (Unavailable("throttled"), False)]
)
async def test_a_release_error_crosses_under_its_own_name(around, error, final):
    with pytest.raises(ApplicationError) as crossed:
        await around(raising(error))

    assert crossed.value.type == error.kind
    assert crossed.value.message == str(error)
    assert crossed.value.non_retryable is final
    assert crossed.value.__cause__ is error


async def test_every_kind_of_error_can_be_restored_by_the_name_it_crosses_under(around):
    for name, kind in ReleaseError.kinds.items():
        with pytest.raises(ApplicationError) as crossed:
            await around(raising(kind("because")))
        assert ReleaseError.kinds[crossed.value.type] is kind
        assert crossed.value.type == name


async def test_a_bug_passes_as_it_is(around):
    with pytest.raises(KeyError):
        await around(raising(KeyError("typo")))


async def test_logs_know_release_activity_and_attempt_while_the_activity_runs(around):
    bound = await around(lambda: dict(structlog.contextvars.get_contextvars()))

    info = ActivityEnvironment.default_info()
    assert bound == {
        "release": info.workflow_id,
        "workflow": info.workflow_id,
        "activity": info.activity_type,
        "attempt": info.attempt,
    }
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    ("workflow_id", "release"),
    [
        ("release/shop/ab12", "release/shop/ab12"),
        ("release/shop/ab12/production/checkout", "release/shop/ab12"),
        ("release/shop/ab12/rollback", "release/shop/ab12"),
        ("sweep-2026", "sweep-2026"),
    ],
)
def test_a_promotion_and_a_rollback_belong_to_their_release(workflow_id, release):
    assert release_of(workflow_id) == release
