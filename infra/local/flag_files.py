"""The feature flags of each environment, in the form of flagd's definition files."""

import json

from infra.local.component import Site
from infra.local.home import ENVIRONMENTS, write_private

_FIRST = {
    "flags": {
        "new-checkout": {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
        }
    }
}


def prepare_flags(site: Site) -> None:
    """Give each environment a first flag to move; what releases and people made of it is kept."""
    for environment in ENVIRONMENTS:
        file = site.home.flags(environment)
        if not file.exists():
            write_private(file, json.dumps(_FIRST, indent=2) + "\n")
