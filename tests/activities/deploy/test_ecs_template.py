import json
import re

import pytest

from activities.deploy.ecs_template import EcsTemplate
from tests.contract.on_ecs import TEMPLATE, write_template
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.values import Artifact, digest_of

BUILD = Artifact(service="checkout", version="v2", digest=digest_of("v2"))
APP = TEMPLATE["taskDefinition"]["containerDefinitions"][1]


def read(tmp_path, **changes) -> EcsTemplate:
    return EcsTemplate.read(write_template(tmp_path, **changes), BUILD, name="checkout-1")


def definition(**app) -> dict:
    return {**TEMPLATE["taskDefinition"], "containerDefinitions": [{**APP, **app}]}


def test_every_string_may_name_the_version(tmp_path):
    label = {"version": "{version}", "digest": "{digest}", "kept": "{other}"}
    template = read(tmp_path, taskDefinition=definition(dockerLabels=label))

    (app,) = template.registration(BUILD, family="f", image="i")["containerDefinitions"]

    assert template.endpoint == "checkout-1.shop.internal:8080"
    assert app["dockerLabels"] == {"version": "v2", "digest": BUILD.digest, "kept": "{other}"}


def test_a_sidecar_keeps_its_image_and_is_told_nothing(tmp_path):
    proxy, app = read(tmp_path).registration(BUILD, family="f", image="i")["containerDefinitions"]

    assert proxy == TEMPLATE["taskDefinition"]["containerDefinitions"][0]
    assert app["image"] == "i"


def test_what_the_template_says_of_the_version_itself_is_not_believed(tmp_path):
    said = [{"name": "LOCKGATE_VERSION", "value": "v1"}]

    template = read(tmp_path, taskDefinition=definition(environment=said))

    (app,) = template.registration(BUILD, family="f", image="i")["containerDefinitions"]
    assert app["environment"] == [
        {"name": "LOCKGATE_VERSION", "value": "v2"},
        {"name": "LOCKGATE_DIGEST", "value": BUILD.digest},
    ]


def test_limits_of_the_rollout_are_kept_and_its_circuit_breaker_is_not(tmp_path):
    said = {"maximumPercent": 150, "deploymentCircuitBreaker": {"enable": False, "rollback": True}}

    asked = read(tmp_path, service={"deploymentConfiguration": said}).creation(
        revision="f:1", name="checkout-1", target_group=None
    )

    assert asked["deploymentConfiguration"] == {
        "maximumPercent": 150,
        "deploymentCircuitBreaker": {"enable": True, "rollback": False},
    }
    assert (asked["desiredCount"], "loadBalancers" in asked) == (1, False)


def test_a_creation_is_repeated_under_its_token_and_a_new_revision_has_another(tmp_path):
    template = read(tmp_path)

    tokens = [
        template.creation(revision=r, name="checkout-1", target_group=None)["clientToken"]
        for r in ("f:1", "f:1", "f:2")
    ]

    assert tokens[0] == tokens[1] != tokens[2]
    assert len(tokens[0]) == 36


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"container": "web"}, "no one container named web; found ['proxy', 'app']"),
        ({"taskDefinition": {}}, "no one container named app; found []"),
        (
            {"taskDefinition": definition(image="app:v1")},
            "the image of app is set by each release",
        ),
        ({"targetGroups": ["arn"], "taskDefinition": definition(portMappings=[])}, "portMapping"),
        ({"service": {"desiredCount": 0}}, "service.desiredCount is 0"),
        ({"service": {"desiredCount": "2"}}, "service.desiredCount is '2'"),
        ({"service": {"tags": [], "cluster": "c"}}, "Lockgate sets cluster, tags itself"),
        ({"taskDefinition": {"family": "f"}}, "taskDefinition: Value error, Lockgate sets family"),
        ({"endpoint": "{name}"}, "endpoint: "),
        ({"endpiont": "x:1"}, "endpiont: Extra inputs"),
    ],
)
def test_a_template_that_cannot_run_a_version_says_why(tmp_path, changes, problem):
    with pytest.raises(Refused, match=re.escape(problem)) as refusal:
        read(tmp_path, **changes)

    assert str(tmp_path / "checkout.json") in str(refusal.value)


def test_a_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "checkout.json").write_text("{")

    with pytest.raises(Refused, match=r"checkout\.json: the file: Invalid JSON"):
        EcsTemplate.read(tmp_path, BUILD, name="checkout-1")


def test_a_service_without_a_template_is_missing(tmp_path):
    with pytest.raises(TargetMissing, match=r"checkout\.json: there is none"):
        EcsTemplate.read(tmp_path, BUILD, name="checkout-1")


def test_a_version_cannot_break_out_of_its_string(tmp_path):
    odd = BUILD.model_copy(update={"version": '", "x": "'})
    label = {"version": "{version}"}
    folder = write_template(tmp_path, taskDefinition=definition(dockerLabels=label))

    (app,) = EcsTemplate.read(folder, odd, name="n").task_definition["containerDefinitions"]

    assert app["dockerLabels"] == {"version": odd.version}
    assert json.dumps(app)
