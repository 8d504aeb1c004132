import pytest

from activities.deploy.ecs_cluster import EcsCluster
from activities.deploy.ecs_naming import EcsNaming
from activities.deploy.ecs_revisions import EcsRevisions
from activities.deploy.ecs_template import EcsTemplate
from tests.contract.on_ecs import TEMPLATE, write_template
from tests.fakes.ecs import FakeEcs
from workflows.domain.values import Artifact, digest_of

OLD, NEW = (
    Artifact(service="checkout", version=version, digest=digest_of(version))
    for version in ("v1", "v2")
)


def no_beat() -> None:
    """Nobody counts these heartbeats."""


@pytest.fixture
def ecs() -> FakeEcs:
    return FakeEcs()


@pytest.fixture
def template(tmp_path) -> EcsTemplate:
    return EcsTemplate.read(write_template(tmp_path), OLD, name="checkout-1")


def revisions(ecs: FakeEcs, connection: str = "production") -> EcsRevisions:
    naming = EcsNaming(connection=connection, prefix="", images="registry.internal/shop/")
    return EcsRevisions(EcsCluster(lambda: ecs, "shop"), naming)


def test_a_version_is_registered_once_and_found_among_others(ecs, template):
    ours = revisions(ecs)
    first = ours.running(OLD, template)
    others = [ours.running(NEW, template), revisions(ecs, "staging").running(OLD, template)]

    assert ours.running(OLD, template) == first
    assert list(ecs.definitions) == [first, *others]


def test_another_template_is_another_revision(ecs, template):
    larger = template.model_copy(
        update={"task_definition": {**TEMPLATE["taskDefinition"], "cpu": "1024"}}
    )

    assert revisions(ecs).running(OLD, template) != revisions(ecs).running(OLD, larger)


def test_a_revision_that_is_no_longer_active_is_not_found(ecs, template):
    ours = revisions(ecs)
    first = ours.running(OLD, template)
    ours.unlist("checkout", OLD.digest, no_beat)

    assert ours.running(OLD, template) != first


def test_only_revisions_of_the_version_and_of_the_platform_are_unlisted(ecs, template):
    revisions(ecs).running(OLD, template)
    kept = [
        revisions(ecs).running(NEW, template),
        revisions(ecs, "staging").running(OLD, template),
    ]

    revisions(ecs).unlist("checkout", OLD.digest, no_beat)

    assert ecs.left == kept


def test_more_revisions_than_one_page_holds_are_all_unlisted(ecs, template):
    """The pages of a listing move up while revisions leave it."""
    for cpu in ("256", "512", "1024", "2048", "4096"):
        sized = {**TEMPLATE["taskDefinition"], "cpu": cpu}
        revisions(ecs).running(OLD, template.model_copy(update={"task_definition": sized}))
    assert len(ecs.left) == 5

    revisions(ecs).unlist("checkout", OLD.digest, no_beat)

    assert ecs.left == []
