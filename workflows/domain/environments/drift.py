"""How what exists differs from the template that it was made from."""

from pydantic import JsonValue

from workflows.domain.environments.census import STACK, Resource
from workflows.domain.values import Value, cut

_MOST = 20
"""So many resources, and differences of each, are kept in a view; the first ones tell enough."""
_MOST_OF_A_DIFFERENCE = 200


class Drifted(Value):
    """One resource that is not as the template says; *differences* are paths to both values."""

    resource: Resource
    status: str
    differences: dict[str, tuple[JsonValue, JsonValue]] = {}

    def bounded(self) -> "Drifted":
        """The same, small enough to be kept for as long as the environment lives."""
        kept = list(self.differences.items())[:_MOST]
        told = {path: (_bounded(was), _bounded(found)) for path, (was, found) in kept}
        bare = self.resource.model_copy(update={"tags": {}})
        return self.model_copy(update={"resource": bare, "differences": told})


class Drift(Value):
    """How a stack differs from its template; *unknown* is what could not be compared."""

    resources: tuple[Drifted, ...] = ()
    template_changed: bool = False
    """The stack's own template is not the one it was made from."""
    unknown: tuple[str, ...] = ()

    @classmethod
    def of_nothing(cls, environment: str) -> "Drift":
        """The drift of one whose whole stack is gone, by whoever's hand."""
        stack = Resource(id=environment, type=STACK)
        return cls(resources=(Drifted(resource=stack, status="DELETED"),))

    @property
    def found(self) -> bool:
        return self.template_changed or bool(self.resources)

    def bounded(self) -> "Drift":
        """The same, small enough to be kept for as long as the environment lives."""
        drifted = tuple(each.bounded() for each in self.resources[:_MOST])
        return self.model_copy(update={"resources": drifted, "unknown": self.unknown[:_MOST]})

    def __str__(self) -> str:
        if self.found:
            named = [str(each.resource) for each in self.resources]
            return "drifted: " + ", ".join([*named, *["template"] * self.template_changed])
        return (
            f"not known of {', '.join(self.unknown)}" if self.unknown else "as its template says"
        )


def _bounded(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return cut(value, _MOST_OF_A_DIFFERENCE)
    if isinstance(value, list | dict):
        return cut(str(value), _MOST_OF_A_DIFFERENCE)
    return value
