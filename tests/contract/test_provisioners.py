"""One suite for our fake and CloudFormation at an emulator; then what only CloudFormation has."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from temporalio.exceptions import CancelledError

from tests.contract.provisioned import (
    BROKEN,
    KEPT_BACK,
    PLAIN,
    PREVIEW,
    AwsWorld,
    FakeWorld,
    QuickPace,
    creation,
    new_name,
)
from tests.loopback import eventually
from workflows.domain.errors import Diverged, Refused, TargetMissing
from workflows.domain.values import digest_of
from workflows.ports.environments import (
    CheckBlueprint,
    DeleteStack,
    ReadDrift,
    ReadEnvironment,
    TagEnvironment,
)


@pytest.fixture
def aws(ministack: str) -> Iterator[AwsWorld]:
    with ExitStack() as opened:
        yield AwsWorld(ministack, opened)


@pytest.fixture
def fake() -> FakeWorld:
    return FakeWorld()


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


@pytest.fixture
def name() -> str:
    return new_name()


@pytest.fixture
def pace() -> QuickPace:
    return QuickPace()


def delete(world, name, pace, *, lift=False):
    ask = DeleteStack(environment=name, provider=PREVIEW, lift=lift)
    world.provisioner.delete_stack(ask, pace)


def read(world, name):
    return world.provisioner.read_made(ReadEnvironment(environment=name, provider=PREVIEW))


def drift(world, name, pace, text=PLAIN):
    ask = ReadDrift(environment=name, provider=PREVIEW, digest=digest_of(text))
    return world.provisioner.read_drift(ask, pace)


def tag(world, name, pace, **tags):
    given = {"lockgate:environment": name, **{f"lockgate:{k}": v for k, v in tags.items()}}
    ask = TagEnvironment(environment=name, provider=PREVIEW, tags=given)
    world.provisioner.tag_environment(ask, pace)


def check(world, text, **parameters):
    blueprint = creation("any", text, **parameters).blueprint
    world.provisioner.check_blueprint(CheckBlueprint(provider=PREVIEW, blueprint=blueprint))


def test_a_template_and_parameters_that_fit_are_let_through(world):
    check(world, PLAIN, Size="large")


def test_a_parameter_that_the_template_lacks_is_named(world):
    with pytest.raises(Refused, match="parameter Colour"):
        check(world, PLAIN, Colour="red")


def test_what_was_made_is_told_with_its_resources_outputs_tags_and_template(world, name, pace):
    made = world.provisioner.create_environment(creation(name, Size="large"), pace)

    assert {(each.name, each.type) for each in made.resources} == {
        ("Orders", "AWS::SQS::Queue"),
        ("News", "AWS::SNS::Topic"),
    }
    assert made.tags["lockgate:environment"] == name
    assert made.template == digest_of(PLAIN)
    assert made.parameters == {"Size": "large"}
    assert set(made.outputs) == {"Queue"}
    assert read(world, name) == made


def test_what_is_made_already_is_left_alone(world, name, pace):
    first = world.provisioner.create_environment(creation(name), pace)

    assert world.provisioner.create_environment(creation(name), pace) == first


def test_a_stack_of_another_template_is_not_taken_for_the_one_that_is_asked_for(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)

    with pytest.raises(Diverged, match="another template"):
        world.provisioner.create_environment(creation(name, KEPT_BACK), pace)

    assert read(world, name).template == digest_of(PLAIN)


def test_a_stack_that_somebody_made_by_hand_is_never_touched(world, name, pace):
    world.make_by_hand(name)

    with pytest.raises(Diverged, match="not ours"):
        world.provisioner.create_environment(creation(name), pace)
    with pytest.raises(Diverged, match="not ours"):
        delete(world, name, pace, lift=True)
    with pytest.raises(Diverged, match="not ours"):
        tag(world, name, pace)


def test_a_creation_that_fails_half_way_names_the_resource_and_why_and_leaves_nothing(
    world, name, pace
):
    with pytest.raises(Refused, match=r"Late .*DelaySeconds"):
        world.provisioner.create_environment(creation(name, BROKEN), pace)
    delete(world, name, pace)

    assert world.left(name) == []
    with pytest.raises(TargetMissing):
        read(world, name)


def test_tags_are_replaced_on_the_stack_and_on_what_it_is_made_of(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)

    tag(world, name, pace, expiry="2026-12-01T10:00:00Z", hold="the audit of May")

    wanted = {
        "lockgate:environment": name,
        "lockgate:expiry": "2026-12-01T10:00:00Z",
        "lockgate:hold": "the audit of May",
    }
    assert read(world, name).tags == wanted
    assert world.tags_of(name, "Orders") == wanted


def test_tags_that_are_there_already_and_tags_that_come_back_are_no_trouble(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)

    for hold in ("audit", "audit", "none", "audit"):
        tag(world, name, pace, hold=hold)

    assert read(world, name).tags["lockgate:hold"] == "audit"
    assert read(world, name).template == digest_of(PLAIN)


def test_an_environment_that_is_not_there_is_missed_but_deleting_it_is_nothing(world, name, pace):
    with pytest.raises(TargetMissing):
        read(world, name)
    with pytest.raises(TargetMissing):
        tag(world, name, pace)
    with pytest.raises(TargetMissing):
        drift(world, name, pace)
    delete(world, name, pace)


def test_protection_is_refused_or_lifted_as_was_said(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)
    world.protect(name)

    with pytest.raises(Diverged, match="protected against deletion"):
        delete(world, name, pace, lift=False)
    assert len(read(world, name).resources) == 2

    delete(world, name, pace, lift=True)
    assert world.left(name) == []


def test_what_cannot_be_deleted_is_named_and_goes_once_it_can(world, name, pace):
    world.provisioner.create_environment(creation(name, KEPT_BACK), pace)
    world.hold_back(name)

    for _ in range(2):
        with pytest.raises(Refused, match=r"could not be deleted: Net \(AWS::EC2::VPC\): "):
            delete(world, name, pace)
    assert [each.name for each in read(world, name).resources] == ["Net"]

    world.let_go(name)
    delete(world, name, pace)
    with pytest.raises(TargetMissing):
        read(world, name)


def test_what_is_as_its_template_says_has_no_drift(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)

    found = drift(world, name, pace)

    assert not found.found
    assert found.unknown == ()


def test_what_somebody_changed_is_told_with_both_values(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)
    world.change(name)

    found = drift(world, name, pace)

    (drifted,) = found.resources
    assert drifted.resource.name == "Orders"
    assert drifted.differences == {"/VisibilityTimeout": ("30", "77")}
    assert not found.template_changed


def test_a_template_that_is_not_the_one_of_the_catalog_is_told(world, name, pace):
    world.provisioner.create_environment(creation(name), pace)

    assert drift(world, name, pace, KEPT_BACK).template_changed


def test_free_text_is_made_a_tag_that_every_service_takes(aws, name, pace):
    aws.provisioner.create_environment(creation(name), pace)

    assert aws.tags_of(name, "Orders")["lockgate:purpose"] == "try it- -all- of it-"


def test_a_name_that_is_taken_is_told_though_nothing_was_begun(aws, name, pace):
    """CloudFormation finds it before it makes anything, and then no resource has an event."""
    aws.client("s3").create_bucket(Bucket=f"taken-{name}")
    taken = f'{{Type: "AWS::S3::Bucket", Properties: {{BucketName: taken-{name}}}}}'
    text = PLAIN.replace("Outputs:", f"  Uploads: {taken}\nOutputs:")

    with pytest.raises(Refused, match=r"Uploads \(AWS::S3::Bucket\): .*already exists"):
        aws.provisioner.create_environment(creation(name, text), pace)

    assert aws.left(name) == []


def test_what_is_kept_by_its_policy_goes_when_its_creation_fails(aws, name, pace):
    text = BROKEN.replace("  Orders:\n", "  Orders:\n    DeletionPolicy: Retain\n")

    with pytest.raises(Refused, match="Late"):
        aws.provisioner.create_environment(creation(name, text), pace)

    assert aws.left(name) == []


def test_what_cloudformation_cannot_compare_is_unknown(aws, name, pace):
    text = PLAIN.replace(
        "Outputs:",
        '  Door: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: x}}\nOutputs:',
    )
    aws.provisioner.create_environment(creation(name, text), pace)

    assert drift(aws, name, pace, text).unknown == ("Door (AWS::EC2::SecurityGroup)",)


def test_what_is_gone_is_drift(aws, name, pace):
    aws.provisioner.create_environment(creation(name), pace)
    aws.client("sns").delete_topic(TopicArn=aws.id_of(name, "News"))

    (drifted,) = drift(aws, name, pace).resources

    assert (drifted.resource.name, drifted.status) == ("News", "DELETED")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Resources: [a: {b", "Template format error"),
        ("Parameters: {}", "At least one Resources member"),
        ('Resources: {A: {Type: "AWS::No::Thing"}}', "AWS::No::Thing"),
    ],
)
def test_a_template_that_is_none_is_told_in_the_words_of_cloudformation(aws, text, why):
    with pytest.raises(Refused, match=why):
        check(aws, text)


def test_a_template_that_makes_roles_needs_a_connection_that_lets_it(aws):
    role = 'Resources: {R: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {}}}}'

    with pytest.raises(Refused, match="CAPABILITY_IAM"):
        check(aws, role)


def test_a_failed_creation_of_long_ago_is_no_hindrance(aws, name, pace):
    """Somebody stopped everything after the rollback; its tags tell of another time."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=f"lockgate-{name}",
        TemplateBody=BROKEN,
        Tags=[{"Key": "lockgate:environment", "Value": name}],
    )
    eventually(lambda: aws.stack(name)["StackStatus"] == "ROLLBACK_COMPLETE")

    made = aws.provisioner.create_environment(creation(name), pace)

    assert made.status == "CREATE_COMPLETE"


def test_a_creation_that_nobody_needs_any_more_is_broken_into(aws, name, pace):
    slow = PLAIN.replace(
        "Outputs:",
        '  Handle: {Type: "AWS::CloudFormation::WaitConditionHandle"}\n'
        '  Slow: {Type: "AWS::CloudFormation::WaitCondition", DependsOn: Orders, Properties: '
        '{Handle: !Ref Handle, Timeout: "60", Count: 1}}\nOutputs:',
    )
    with pytest.raises(CancelledError):
        aws.provisioner.create_environment(creation(name, slow), CancelledAt(3))
    assert aws.stack(name)["StackStatus"] == "CREATE_IN_PROGRESS"

    delete(aws, name, pace)

    assert aws.left(name) == []


class CancelledAt(QuickPace):
    """The story says after so many waits that it needs this no more."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self._at = wait

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.waits == self._at:
            raise CancelledError("no longer needed")
