from activities.deploy.ecs_cluster import EcsCluster
from activities.deploy.ecs_naming import EcsNaming
from activities.deploy.ecs_versions import EcsVersions, instance_of
from tests.contract.on_ecs import on_ecs, write_template
from tests.fakes.ecs import FakeEcs
from workflows.domain.values import Artifact, digest_of

BUILD = Artifact(service="checkout", version="v2", digest=digest_of("v2"))


def versions(ecs: FakeEcs, connection: str = "production") -> EcsVersions:
    naming = EcsNaming(connection=connection, prefix="", images="")
    return EcsVersions(EcsCluster(lambda: ecs, "shop"), naming)


def test_what_an_instance_is_told_by_the_tags_of_its_service(tmp_path):
    ecs = FakeEcs()
    made = on_ecs(ecs, write_template(tmp_path)).install(BUILD, lambda: b"v2", lambda: None)

    (found,) = versions(ecs).of("checkout")

    assert instance_of(found) == made
    assert versions(ecs).found("checkout", BUILD.digest).name == found.name
    assert versions(ecs, "staging").of("checkout") == []


def test_the_last_words_are_each_said_once_and_the_newest_event_first(tmp_path):
    ecs = FakeEcs()
    on_ecs(ecs, write_template(tmp_path)).install(BUILD, lambda: b"v2", lambda: None)
    (service,) = ecs.services.values()
    service.rollout.failed = 4
    service.events = [f"event {number}" for number in range(7)]
    (found,) = versions(ecs).of("checkout")

    words = versions(ecs).last_words(found).splitlines()

    assert words[1:] == [
        "Essential container in task exited; app: no database named nosuch, exit code 1",
        *[f"event {number}" for number in (6, 5, 4, 3, 2)],
    ]
