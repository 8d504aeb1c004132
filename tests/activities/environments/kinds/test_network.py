"""What EC2 tells of what is gone, and what keeps a thing from being deleted."""

import pytest

from activities.environments.kinds.network import NETWORK
from tests.activities.environments.stubs import OURS, arn, delete_by, stubs, tags, tags_by
from workflows.domain.errors import Refused, Unavailable

INSTANCE = arn("ec2", "instance/i-1")
GROUP = arn("ec2", "security-group/sg-1")


def instance(state, **more):
    told = {"InstanceId": "i-1", "State": {"Name": state}, **more}
    return {"Reservations": [{"Instances": [told]}]}


@pytest.mark.parametrize(
    ("state", "expected"),
    [("running", OURS), ("shutting-down", OURS), ("stopped", OURS), ("terminated", None)],
)
def test_an_instance_is_gone_once_it_is_terminated(state, expected):
    with stubs() as ec2:
        ec2.answers("ec2", "describe_instances", instance(state, Tags=tags(OURS)))

        assert tags_by(ec2, INSTANCE) == expected


@pytest.mark.parametrize(
    ("named", "call", "answer"),
    [
        ("natgateway/nat-1", "describe_nat_gateways", {"NatGateways": [{"State": "deleted"}]}),
        ("natgateway/nat-1", "describe_nat_gateways", {"NatGateways": []}),
        ("vpc-endpoint/v-1", "describe_vpc_endpoints", {"VpcEndpoints": [{"State": "Deleted"}]}),
    ],
)
def test_what_ec2_still_tells_of_may_be_gone(named, call, answer):
    with stubs() as ec2:
        ec2.answers("ec2", call, answer)

        assert tags_by(ec2, arn("ec2", named)) is None


def test_what_is_being_deleted_is_there():
    told = {"State": "deleting", "Tags": tags(OURS)}
    with stubs() as ec2:
        ec2.answers("ec2", "describe_nat_gateways", {"NatGateways": [told]})

        assert tags_by(ec2, arn("ec2", "natgateway/nat-1")) == OURS


def test_interfaces_spell_their_tags_otherwise():
    with stubs() as ec2:
        told = {"NetworkInterfaces": [{"Status": "in-use", "TagSet": tags(OURS)}]}
        ec2.answers("ec2", "describe_network_interfaces", told)

        assert tags_by(ec2, arn("ec2", "network-interface/eni-1")) == OURS


@pytest.mark.parametrize(
    ("code", "kind"), [("UnauthorizedOperation", Refused), ("RequestLimitExceeded", Unavailable)]
)
def test_what_cannot_be_asked_is_not_gone(code, kind):
    with stubs() as ec2:
        ec2.fails("ec2", "describe_security_groups", code)

        with pytest.raises(kind, match=f"ec2: tags of {GROUP}: {code}"):
            tags_by(ec2, GROUP)


def test_a_group_loses_its_rules_before_it_is_deleted():
    rules = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2"}]}]
    told = {"GroupId": "sg-1", "IpPermissions": rules, "IpPermissionsEgress": rules}
    by_id = {"GroupId": "sg-1", "IpPermissions": rules}
    with stubs() as ec2:
        ec2.answers("ec2", "describe_security_groups", {"SecurityGroups": [told]})
        ec2.answers("ec2", "revoke_security_group_ingress", **by_id)
        ec2.answers("ec2", "revoke_security_group_egress", **by_id)
        ec2.answers("ec2", "delete_security_group", GroupId="sg-1")

        delete_by(ec2, GROUP)


def test_a_gateway_is_detached_before_it_is_deleted():
    told = {"InternetGateways": [{"Attachments": [{"VpcId": "vpc-1"}]}]}
    with stubs() as ec2:
        ec2.answers("ec2", "describe_internet_gateways", told)
        ec2.answers("ec2", "detach_internet_gateway", InternetGatewayId="igw-1", VpcId="vpc-1")
        ec2.answers("ec2", "delete_internet_gateway", InternetGatewayId="igw-1")

        delete_by(ec2, arn("ec2", "internet-gateway/igw-1"))


def test_an_address_is_taken_from_its_bearer_before_it_is_released():
    with stubs() as ec2:
        ec2.answers("ec2", "describe_addresses", {"Addresses": [{"AssociationId": "as-1"}]})
        ec2.answers("ec2", "disassociate_address", AssociationId="as-1")
        ec2.answers("ec2", "release_address", AllocationId="eipalloc-1")

        delete_by(ec2, arn("ec2", "elastic-ip/eipalloc-1"))


def test_networks_go_after_all_that_is_in_them():
    ranks = {kind.type.removeprefix("AWS::EC2::"): kind.rank for kind in NETWORK}

    order = ["Instance", "NetworkInterface", "SecurityGroup", "Subnet", "RouteTable", "VPC"]
    assert sorted(order, key=ranks.__getitem__) == order
    assert len({ranks[name] for name in order}) == len(order)
