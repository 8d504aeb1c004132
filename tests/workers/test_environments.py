"""Clients of AWS for environments: one for each service, as the settings say."""

import asyncio
import time
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber
from temporalio.testing import ActivityEnvironment

from infra.settings import Settings
from tests.workers.vaults import Vault
from workers import environments
from workers.environments import clients_of, environments_of
from workers.parts import Parts
from workflows.domain.errors import Refused, TargetMissing
from workflows.domain.names import Queue
from workflows.domain.values import Provider
from workflows.ports.environments import DeleteStack, ReadEnvironment


@pytest.fixture
def parts(tmp_path):
    loop = asyncio.new_event_loop()

    def make(**entry):
        settings = Settings.model_validate(
            {
                "vault": {"address": "http://127.0.0.1:1", "approles": str(tmp_path)},
                "ledger": {"url": "sqlite://"},
                "environments": {"preview": {"type": "cloudformation", **entry}},
            }
        )
        return Parts(
            settings=settings,
            queue=Queue.ENVIRONMENTS,
            vault=Vault({"access_key": "key", "secret_key": "hunter2"}),
            client=None,
            loop=loop,
        )

    yield make
    loop.close()


@pytest.fixture
def clients(parts):
    made = parts(
        region="eu-central-1",
        endpoint="http://127.0.0.1:1",
        endpoints={"s3": "http://127.0.0.1:2"},
        credentials="environments/preview",
    )
    found = clients_of(made, "preview", made.settings.environments["preview"])
    found.read = made.vault.asked
    return found


ROLE = "arn:aws:iam::123456789012:role/lockgate"
STACK = {
    "StackName": "lockgate-pr-7",
    "StackStatus": "CREATE_COMPLETE",
    "CreationTime": datetime(2026, 11, 26, tzinfo=UTC),
    "StackId": "arn:stack",
    "Tags": [{"Key": "lockgate:environment", "Value": "pr-7"}],
}
ANY_OF_IT = {"StackName": "lockgate-pr-7", "ClientRequestToken": ANY}


def test_each_service_has_one_client_at_its_own_endpoint_with_keys_of_the_vault(clients):
    s3, sqs = clients("s3"), clients("sqs")

    assert s3.meta.endpoint_url == "http://127.0.0.1:2"
    assert sqs.meta.endpoint_url == "http://127.0.0.1:1"
    assert sqs.meta.region_name == "eu-central-1"
    assert clients("s3") is s3
    assert set(clients.read) == {"kv/environments/preview"}


def test_no_client_is_made_before_it_is_called_for(clients):
    assert clients.read == []


def test_keys_that_the_vault_lacks_do_not_make_what_exists_look_gone(parts):
    made = parts(credentials="environments/preview")

    def nothing(path):
        raise TargetMissing(f"vault: {path}: there is nothing")

    made.vault.read_secret = nothing
    keyless = clients_of(made, "preview", made.settings.environments["preview"])

    with pytest.raises(Refused, match="sqs cannot be asked: vault: kv/environments") as refused:
        keyless("sqs")
    assert not isinstance(refused.value, TargetMissing)


def test_no_service_is_called_more_often_than_the_entry_says(parts):
    """Of two calls in a row, the second one waits; nobody listens at the address."""
    made = parts(endpoint="http://127.0.0.1:1", credentials="a/b", calls_per_second=1)
    clients = clients_of(made, "preview", made.settings.environments["preview"])
    began = time.monotonic()

    for _ in range(2):
        with pytest.raises(EndpointConnectionError):
            clients("sqs").list_queues()

    assert 0.8 <= time.monotonic() - began < 10


def test_a_connection_answers_under_its_type_and_name_and_is_pinged(parts, monkeypatch):
    asked = []

    def aws_client(_parts, service, place, *, rates):
        class Client:
            def validate_template(self, *, TemplateBody):  # noqa: N803 - boto3 names it so
                asked.append((service, place.region))

        return Client

    monkeypatch.setattr(environments, "aws_client", aws_client)
    made = parts(region="eu-central-1", credentials="environments/preview")

    port, needs = environments_of(made)
    needs[-1].ping()

    assert asked == [("cloudformation", "eu-central-1")]
    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (environments)", "http://127.0.0.1:1"),
        ("environments.preview", "CloudFormation at AWS eu-central-1"),
    ]
    with pytest.raises(Refused, match="cloudformation/other is not in this worker's"):
        port.read_made(
            ReadEnvironment(
                environment="pr-7",
                provider=Provider(type="cloudformation", connection="other"),
            )
        )


def test_the_role_and_the_capabilities_of_an_entry_reach_the_calls(parts, monkeypatch):
    asked = []

    def aws_client(_parts, _service, _place, *, rates):
        client = boto3.client(
            "cloudformation", region_name="x", aws_access_key_id="x", aws_secret_access_key="x"
        )
        stub = Stubber(client)
        stub.add_response("describe_stacks", {"Stacks": [STACK]})
        stub.add_response("delete_stack", {}, {**ANY_OF_IT, "RoleARN": ROLE})
        stub.add_client_error("describe_stacks", "ValidationError")
        stub.activate()
        asked.append(stub)
        return lambda: client

    monkeypatch.setattr(environments, "aws_client", aws_client)
    port, _ = environments_of(parts(role=ROLE))

    preview = Provider(type="cloudformation", connection="preview")
    ask = DeleteStack(environment="pr-7", provider=preview, lift=False)
    ActivityEnvironment().run(port.delete_stack, ask)

    asked[0].assert_no_pending_responses()
