"""The addresses of a stack that a person opens."""

from infra.local.cloud import AWS
from infra.local.component import Site


def urls(site: Site) -> dict[str, str]:
    """What to open, by what it is for."""
    found = {
        "Temporal UI": site.url("temporal-ui") + "/namespaces/releases",
        "OpenBao UI": site.url("openbao") + "/ui",
        "shop, staging": site.url("envoy-staging-checkout") + "/",
        "shop, production": site.url("envoy-production-checkout") + "/",
        "worker health": site.url("worker") + "/healthz",
        "alerts": site.url("alerts") + "/alerts",
    }
    if AWS.name in site.added:
        found["AWS emulator"] = site.url("aws")
    if site.monitoring is not None:
        found["Prometheus"] = site.url("prometheus") + "/classic/graph"
        found["Alertmanager"] = site.url("alertmanager")
    return found
