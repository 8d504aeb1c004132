"""EC2: instances, what is attached to them, and the networks that they are in."""

from collections.abc import Callable, Mapping
from typing import Any

from activities.environments.kinds.kind import Kind, Rank, Tags, Thing, deleted_by, keep, tags_of

_OVER = {"deleted", "terminated", "failed"}
"""Statuses in which EC2 still tells for a while of what is gone, or never came to be."""


def _described(call: str, ids: str, found: str) -> Callable[[Any, Thing], Tags | None]:
    """Reads by the describe call of EC2 that takes *ids* and answers with a list *found*."""

    def read(ec2: Any, thing: Thing) -> Tags | None:
        answer = getattr(ec2, call)(**{ids: [thing.id]})
        for item in answer[found]:
            if _status(item) not in _OVER:
                return tags_of(item.get("Tags") or item.get("TagSet") or ())
        return None

    return read


def _status(item: Mapping[str, Any]) -> str:
    state: str = item.get("State") or item.get("Status") or ""
    return state.lower()


def _instance(ec2: Any, thing: Thing) -> Tags | None:
    answer = ec2.describe_instances(InstanceIds=[thing.id])
    for reservation in answer["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] not in _OVER:
                return tags_of(instance.get("Tags", ()))
    return None


def _terminate(ec2: Any, thing: Thing) -> None:
    ec2.terminate_instances(InstanceIds=[thing.id])


def _delete_group(ec2: Any, thing: Thing) -> None:
    """Without its rules first: two groups that name each other would keep each other."""
    for group in ec2.describe_security_groups(GroupIds=[thing.id])["SecurityGroups"]:
        if rules := group.get("IpPermissions"):
            ec2.revoke_security_group_ingress(GroupId=thing.id, IpPermissions=rules)
        if rules := group.get("IpPermissionsEgress"):
            ec2.revoke_security_group_egress(GroupId=thing.id, IpPermissions=rules)
    ec2.delete_security_group(GroupId=thing.id)


def _delete_gateway(ec2: Any, thing: Thing) -> None:
    found = ec2.describe_internet_gateways(InternetGatewayIds=[thing.id])["InternetGateways"]
    for vpc in (at["VpcId"] for gateway in found for at in gateway.get("Attachments", ())):
        ec2.detach_internet_gateway(InternetGatewayId=thing.id, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=thing.id)


def _delete_endpoint(ec2: Any, thing: Thing) -> None:
    ec2.delete_vpc_endpoints(VpcEndpointIds=[thing.id])


def _release(ec2: Any, thing: Thing) -> None:
    for address in ec2.describe_addresses(AllocationIds=[thing.id])["Addresses"]:
        if association := address.get("AssociationId"):
            ec2.disassociate_address(AssociationId=association)
    ec2.release_address(AllocationId=thing.id)


def _ec2(
    name: str,
    segment: str,
    rank: Rank,
    *,
    read: Callable[[Any, Thing], Tags | None],
    delete: Callable[[Any, Thing], None],
) -> Kind:
    return Kind(
        type=f"AWS::EC2::{name}",
        service="ec2",
        arn=f"ec2:{{region}}:{{account}}:{segment}/{{id}}",
        rank=rank,
        read=read,
        delete=delete,
    )


NETWORK = (
    _ec2("Instance", "instance", Rank.COMPUTE, read=_instance, delete=_terminate),
    _ec2(
        "NatGateway",
        "natgateway",
        Rank.COMPUTE,
        read=_described("describe_nat_gateways", "NatGatewayIds", "NatGateways"),
        delete=deleted_by("delete_nat_gateway", "NatGatewayId"),
    ),
    _ec2(
        "VPCEndpoint",
        "vpc-endpoint",
        Rank.COMPUTE,
        read=_described("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints"),
        delete=_delete_endpoint,
    ),
    _ec2(
        "LaunchTemplate",
        "launch-template",
        Rank.GROUPS,
        read=_described("describe_launch_templates", "LaunchTemplateIds", "LaunchTemplates"),
        delete=deleted_by("delete_launch_template", "LaunchTemplateId"),
    ),
    _ec2(
        "Volume",
        "volume",
        Rank.ATTACHMENTS,
        read=_described("describe_volumes", "VolumeIds", "Volumes"),
        delete=deleted_by("delete_volume", "VolumeId"),
    ),
    # No type of CloudFormation.
    _ec2(
        "Snapshot",
        "snapshot",
        Rank.STORES,
        read=_described("describe_snapshots", "SnapshotIds", "Snapshots"),
        delete=keep,
    ),
    _ec2(
        "NetworkInterface",
        "network-interface",
        Rank.ATTACHMENTS,
        read=_described("describe_network_interfaces", "NetworkInterfaceIds", "NetworkInterfaces"),
        delete=deleted_by("delete_network_interface", "NetworkInterfaceId"),
    ),
    _ec2(
        "EIP",
        "elastic-ip",
        Rank.ATTACHMENTS,
        read=_described("describe_addresses", "AllocationIds", "Addresses"),
        delete=_release,
    ),
    _ec2(
        "SecurityGroup",
        "security-group",
        Rank.FIREWALLS,
        read=_described("describe_security_groups", "GroupIds", "SecurityGroups"),
        delete=_delete_group,
    ),
    _ec2(
        "Subnet",
        "subnet",
        Rank.SUBNETS,
        read=_described("describe_subnets", "SubnetIds", "Subnets"),
        delete=deleted_by("delete_subnet", "SubnetId"),
    ),
    _ec2(
        "RouteTable",
        "route-table",
        Rank.ROUTES,
        read=_described("describe_route_tables", "RouteTableIds", "RouteTables"),
        delete=deleted_by("delete_route_table", "RouteTableId"),
    ),
    _ec2(
        "NetworkAcl",
        "network-acl",
        Rank.ROUTES,
        read=_described("describe_network_acls", "NetworkAclIds", "NetworkAcls"),
        delete=deleted_by("delete_network_acl", "NetworkAclId"),
    ),
    _ec2(
        "InternetGateway",
        "internet-gateway",
        Rank.ROUTES,
        read=_described("describe_internet_gateways", "InternetGatewayIds", "InternetGateways"),
        delete=_delete_gateway,
    ),
    _ec2(
        "VPC",
        "vpc",
        Rank.NETWORKS,
        read=_described("describe_vpcs", "VpcIds", "Vpcs"),
        delete=deleted_by("delete_vpc", "VpcId"),
    ),
)
