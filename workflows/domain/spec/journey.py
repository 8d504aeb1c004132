"""A synthetic journey as a document of the catalog."""

from typing import Literal

from workflows.domain.journeys.spec import JourneySpec
from workflows.domain.spec.document import Document


class Journey(Document):
    kind: Literal["Journey"]
    spec: JourneySpec
