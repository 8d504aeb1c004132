"""What every document of a release or a catalog begins with."""

from typing import Literal

from workflows.domain.values import Name, SpecPart

API_VERSION = "lockgate.dev/v1alpha1"


class Metadata(SpecPart):
    name: Name
    """What other documents call it: 1 to 63 of a-z, 0-9, `-` and `.`."""


class Document(SpecPart):
    """What every document begins with."""

    api_version: Literal["lockgate.dev/v1alpha1"]
    """Always `lockgate.dev/v1alpha1`."""
    metadata: Metadata
    """The document's name."""
