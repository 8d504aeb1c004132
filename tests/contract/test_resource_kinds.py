"""Each type that can be deleted one by one: made, read, deleted and gone, at ministack."""

from contextlib import ExitStack

import pytest

from activities.environments.kinds import KINDS, kind_of
from activities.environments.presence import tags_now
from tests.contract.emulators import client
from tests.contract.resources import ENVIRONMENT, MAKERS

KEPT = {
    "AWS::CloudFormation::Stack",
    "AWS::EC2::Snapshot",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::RDS::DBSnapshot",
}
"""Those that are read here and never deleted; test_remains.py has them."""


@pytest.fixture(scope="module")
def clients(ministack):
    with ExitStack() as closing:
        opened = {}

        def of(service):
            if service not in opened:
                opened[service] = client(service, ministack)
                closing.callback(opened[service].close)
            return opened[service]

        yield of


def test_every_type_is_tried_here():
    assert MAKERS.keys() == KINDS.keys() - KEPT


@pytest.mark.parametrize("type_", MAKERS)
def test_a_resource_tells_its_tags_until_it_is_deleted(clients, type_):
    kind, thing = kind_of(MAKERS[type_](clients))
    assert kind.type == type_

    assert tags_now(clients, kind, thing)["lockgate:environment"] == ENVIRONMENT
    kind.delete(clients(kind.service), thing)

    assert tags_now(clients, kind, thing) is None
