"""When the local stack's Prometheus fires, and whom its Alertmanager tells."""

from pathlib import Path
from typing import Any

_ARM = "envoy_cluster_name"
_ANSWERED = 'envoy_cluster_upstream_rq_xx{envoy_response_code_class=~"[2345]"}'
_FAILED = 'envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}'

_SPAN = "10s"
_MANY = 0.3
"""More than any version of the shop fails by itself: below it, judging is the judge's part."""

_ENOUGH = 20
"""Requests within the span that a ratio is worth something for."""

PAGING = ("page", "critical")
"""Severities that somebody is woken for; only these turn a release back."""


def rules() -> dict[str, Any]:
    """One alert for each version of each service; a version without traffic has none."""
    return {
        "groups": [
            {
                "name": "lockgate-shop",
                "rules": [
                    {
                        "alert": "VersionErrorsHigh",
                        "expr": _labelled(_error_ratio()),
                        "labels": {"severity": "page"},
                        "annotations": {
                            "summary": "{{ $labels.arm }} fails {{ $value | humanizePercentage }} "
                            "of its requests in {{ $labels.environment }}",
                        },
                    }
                ],
            }
        ]
    }


def _error_ratio() -> str:
    """Nothing rather than 0 for a version that served too little, or never failed."""
    failed, answered = _sum("rate", _FAILED), _sum("rate", _ANSWERED)
    return f"({failed} / {answered} > {_MANY}) and {_sum('increase', _ANSWERED)} >= {_ENOUGH}"


def _sum(function: str, series: str) -> str:
    return f"sum by (environment, {_ARM}) ({function}({series}[{_SPAN}]))"


def _labelled(expression: str) -> str:
    """Envoy's cluster is the version, and its name begins with the service's."""
    service = f'label_replace({expression}, "service", "$1", "{_ARM}", "(.+)-[0-9a-f]{{12}}")'
    arm = f'label_replace({service}, "arm", "$1", "{_ARM}", "(.+)")'
    return f"sum by (environment, service, arm) ({arm})"


def routes(door: str, token: Path) -> dict[str, Any]:
    """Every alert that pages goes to the *door* for alerts, one by one and at once.

    The token is in a file of its own; neither this text nor an argument holds it.
    """
    hook = {
        "url": door,
        "send_resolved": True,
        "http_config": {"authorization": {"type": "Bearer", "credentials_file": str(token)}},
    }
    pages = {"receiver": "lockgate", "matchers": [f'severity=~"{"|".join(PAGING)}"']}
    return {
        "route": {
            "receiver": "nobody",
            "routes": [pages],
            # Alerts in one group would wait for each other's interval.
            "group_by": ["..."],
            "group_wait": "0s",
            "group_interval": "1s",
            "repeat_interval": "1m",
        },
        "receivers": [{"name": "nobody"}, {"name": "lockgate", "webhook_configs": [hook]}],
    }
