"""Environment templates, their catalog and orders, as tests ask for them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.builders import a_catalog
from workflows.domain.environments.order import EnvironmentOrder, EnvironmentPlan
from workflows.domain.environments.planning import plan_environment
from workflows.domain.environments.view import EnvironmentPhase, EnvironmentView
from workflows.domain.spec import Catalog
from workflows.domain.values import digest_of

STACK = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
Resources:
  Uploads: {Type: "AWS::S3::Bucket"}
  Orders: {Type: "AWS::SQS::Queue"}
Outputs:
  Bucket: {Value: !Ref Uploads}
"""


def an_environment_template(**changes: Any) -> dict[str, Any]:
    """One with a bucket and a queue, for three days; *changes* are fields of its spec."""
    return {
        "owner": "team-shop",
        "template": {"file": "templates/preview.yaml"},
        "provider": {"type": "cloudformation", "connection": "preview"},
        "parameters": {"Size": {"allowed": ["small", "large"], "default": "small"}},
        "lease": {"ttl": "3d", "longest": "14d", "warnBefore": ["1h", "24h"]},
        "extension": {"times": 2, "by": "2d", "money": "50"},
        "prices": {
            "currency": "EUR",
            "resources": [
                {"type": "AWS::S3::Bucket", "perHour": "0.01"},
                {
                    "type": "AWS::SQS::Queue",
                    "by": "Size",
                    "perHourBy": {"small": "0.02", "large": "0.2"},
                },
            ],
        },
        **changes,
    }


def a_catalog_of_environments(text: str = STACK, **changes: Any) -> Catalog:
    return Catalog.model_validate(
        {
            "environmentTemplates": {"preview": an_environment_template(**changes)},
            "files": {"templates/preview.yaml": text},
        }
    )


def an_environment_plan(
    text: str = STACK, *, chosen: dict[str, str] | None = None, **changes: Any
) -> EnvironmentPlan:
    return plan_environment("preview", a_catalog_of_environments(text, **changes), chosen or {})


def an_environment_order(
    name: str = "pr-7",
    *,
    owner: str = "ana",
    contact: str | None = None,
    release: str | None = None,
    requested_by: str = "",
    **changes: Any,
) -> EnvironmentOrder:
    return EnvironmentOrder(
        name=name,
        plan=an_environment_plan(**changes),
        owner=owner,
        contact=contact,
        purpose="try the new checkout",
        requested_by=requested_by,
        release=release,
    )


def a_catalog_for_releases(
    *,
    stage: str = "preview",
    template: dict[str, Any] | None = None,
    chosen: dict[str, str] | None = None,
    **catalog: Any,
) -> dict[str, Any]:
    """The catalog of tests with a *stage* that is created from a template.

    *template* are changes of the template's spec, *chosen* its parameters, *catalog* the rest.
    """
    beside = a_catalog(environments=(stage, "production"), **catalog)
    beside["environments"][stage]["createdFrom"] = {
        "templateRef": "preview",
        "parameters": chosen or {},
    }
    beside["environmentTemplates"] = {"preview": an_environment_template(**(template or {}))}
    beside["files"] = {"templates/preview.yaml": STACK}
    return beside


def an_environment_view(name: str = "pr-7", **more: Any) -> EnvironmentView:
    """What a living environment tells of itself."""
    digest = digest_of(STACK)
    return EnvironmentView.model_validate(
        {
            "name": name,
            "template": "preview",
            "digest": digest,
            "plan_digest": digest,
            "run": "one",
            "provider": {"type": "cloudformation", "connection": "preview"},
            "owner": "ana",
            "team": "team-shop",
            "purpose": "try the new checkout",
            "phase": EnvironmentPhase.READY,
            **more,
        }
    )


A_DAY = timedelta(days=1)
PER_HOUR = Decimal("0.03")
"""What the bucket and the small queue cost together."""
