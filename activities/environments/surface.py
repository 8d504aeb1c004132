"""What of an environment the whole world can reach."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from activities.aws import error_code, in_release_words
from activities.environments.census import CensusTaker
from activities.environments.kinds import Thing, kind_of
from activities.environments.provisioner import AwsClients
from activities.pace import Pace
from workflows.domain.errors import Refused, TargetMissing
from workflows.ports.environments import OpenPort, ReadSurface, Surface, TakeCensus

_WORLD = {"0.0.0.0/0", "::/0"}
_EVERYBODY = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "everybody with an AWS account",
}
# Other makers' storage has no such block at all.
_NO_BLOCK = {"NoSuchPublicAccessBlockConfiguration", "NotImplemented"}
_NO_POLICY = {"NoSuchBucketPolicy"}
_HTTPS = "443"


class SurfaceReader:
    """Looks at security groups, databases and buckets; changes nothing."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._census = CensusTaker(clients)
        self._ways = {
            "AWS::EC2::SecurityGroup": self._group,
            "AWS::RDS::DBInstance": self._database,
            "AWS::S3::Bucket": self._bucket,
        }

    def read(self, ask: ReadSurface, pace: Pace) -> Surface:
        """See EnvironmentsPort.read_surface.

        Raises:
            Unavailable: a service does not answer, or throttles.
        """
        census = self._census.take(
            TakeCensus(environment=ask.environment, provider=ask.provider), pace
        )
        found: list[OpenPort] = []
        unreadable = list(census.unreadable)
        for resource in census.resources:
            way = self._ways.get(resource.type)
            known = kind_of(resource.id)
            if way is None or known is None:
                continue
            try:
                with in_release_words(f"{known[0].service}: who may reach {resource}"):
                    found += way(known[1])
            except TargetMissing:
                continue
            except Refused as error:
                unreadable.append(str(error))
        return Surface(open=tuple(found), unreadable=tuple(unreadable))

    def _group(self, thing: Thing) -> Iterator[OpenPort]:
        ec2 = self._clients("ec2")
        for group in ec2.describe_security_groups(GroupIds=[thing.id])["SecurityGroups"]:
            for rule in group.get("IpPermissions", ()):
                for to in _ranges(rule):
                    if to in _WORLD:
                        yield _open(thing, rule, to)

    def _database(self, thing: Thing) -> Iterator[OpenPort]:
        """One with an address that everybody can find; its security groups may still bar them."""
        rds = self._clients("rds")
        for database in rds.describe_db_instances(DBInstanceIdentifier=thing.id)["DBInstances"]:
            if database.get("PubliclyAccessible"):
                port = database.get("Endpoint", {}).get("Port") or database.get("DbInstancePort")
                yield OpenPort(
                    where=thing.arn,
                    protocol="tcp",
                    ports=str(port or "all"),
                    to="a public address",
                )

    def _bucket(self, thing: Thing) -> Iterator[OpenPort]:
        """By its policy and its list of grants, unless its public access block overrules them."""
        s3 = self._clients("s3")
        told = _unless(_NO_BLOCK, s3.get_public_access_block, thing) or {}
        block = told.get("PublicAccessBlockConfiguration", {})
        if not block.get("RestrictPublicBuckets") and _policy_opens(s3, thing):
            yield _reachable(thing, "everybody, by its policy")
        if not block.get("IgnorePublicAcls"):
            for grant in s3.get_bucket_acl(Bucket=thing.id).get("Grants", ()):
                if who := _EVERYBODY.get(grant.get("Grantee", {}).get("URI", "")):
                    yield _reachable(thing, f"{who}, by its grants")


def _policy_opens(s3: Any, thing: Thing) -> bool:
    """Whether its policy lets everybody in, as S3 itself judges policies."""
    if (answer := _unless(_NO_POLICY, s3.get_bucket_policy_status, thing)) is None:
        return False
    if "PolicyStatus" in answer:
        return bool(answer["PolicyStatus"].get("IsPublic"))
    # Other makers' storage keeps policies and does not judge them.
    if _unless(_NO_POLICY, s3.get_bucket_policy, thing) is None:
        return False
    raise Refused(f"bucket {thing.id} has a policy, and it cannot be told whom it lets in")


def _unless(codes: set[str], call: Any, thing: Thing) -> Mapping[str, Any] | None:
    """What the bucket answers; None where it answers by *codes* that there is no such thing."""
    try:
        answer: Mapping[str, Any] = call(Bucket=thing.id)
    except ClientError as error:
        if error_code(error) not in codes:
            raise
        return None
    return answer


def _ranges(rule: Mapping[str, Any]) -> Iterator[str]:
    yield from (each["CidrIp"] for each in rule.get("IpRanges", ()))
    yield from (each["CidrIpv6"] for each in rule.get("Ipv6Ranges", ()))


def _open(thing: Thing, rule: Mapping[str, Any], to: str) -> OpenPort:
    protocol = rule["IpProtocol"]
    first, last = rule.get("FromPort"), rule.get("ToPort")
    ports = "all" if first in {None, -1} else f"{first}" if first == last else f"{first}-{last}"
    return OpenPort(
        where=thing.arn, protocol="all" if protocol == "-1" else protocol, ports=ports, to=to
    )


def _reachable(thing: Thing, to: str) -> OpenPort:
    return OpenPort(where=thing.arn, protocol="tcp", ports=_HTTPS, to=to)
