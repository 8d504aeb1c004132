"""Would CloudFormation take a template with these parameters? Asked before anything is made."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from activities.aws import in_release_words
from activities.environments.stacks import Stacks
from workflows.domain.environments.order import Blueprint
from workflows.domain.errors import Refused

MOST_BYTES = 51_200
"""The longest template that a call of CloudFormation takes as text."""


class Blueprints:
    """Checks templates and parameters; all that is wrong is told at once."""

    def __init__(self, stacks: Stacks, *, connection: str, capabilities: Collection[str]) -> None:
        self._stacks = stacks
        self._connection = connection
        self._capabilities = frozenset(capabilities)

    def check(self, blueprint: Blueprint) -> None:
        """See `EnvironmentsPort.check_blueprint`."""
        if problems := list(_of_text(blueprint.text)):
            raise _refused(blueprint, problems)
        with in_release_words(f"template {blueprint.template}"):
            self._stacks.calls.validate_template(TemplateBody=blueprint.text)
            told = self._stacks.calls.get_template_summary(TemplateBody=blueprint.text)
        problems = [
            *_of_parameters(blueprint.parameters, told.get("Parameters", ())),
            *self._of_capabilities(told),
        ]
        if problems:
            raise _refused(blueprint, problems)

    def _of_capabilities(self, told: Mapping[str, Any]) -> Iterator[str]:
        if lacking := sorted(set(told.get("Capabilities", ())) - self._capabilities):
            reason = told.get("CapabilitiesReason", "it does not tell why")
            yield (
                f"it needs {', '.join(lacking)}, which [environments.{self._connection}] does not "
                f"give in its capabilities: {reason}"
            )


def _of_text(text: str) -> Iterator[str]:
    size = len(text.encode())
    if size > MOST_BYTES:
        yield f"it has {size} bytes; CloudFormation takes {MOST_BYTES}: split it"
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.isascii():
            # It keeps `?` in their place, so that the template would differ from its own digest.
            yield f"line {number} has characters beyond ASCII, which CloudFormation does not keep"


def _of_parameters(
    given: Mapping[str, str], declared: Collection[Mapping[str, Any]]
) -> Iterator[str]:
    rules = {each["ParameterKey"]: each for each in declared}
    for name, value in sorted(given.items()):
        if name not in rules:
            listed = ", ".join(sorted(rules)) or "none"
            yield f"parameter {name} is not in it; it has {listed}"
            continue
        if rules[name].get("NoEcho"):
            yield (
                f"parameter {name} is NoEcho: a secret has no place in a catalog; let the "
                "template refer to where it is kept, as {{resolve:secretsmanager:...}}"
            )
            continue
        allowed = rules[name].get("ParameterConstraints", {}).get("AllowedValues", ())
        if allowed and value not in allowed:
            yield f"parameter {name}: expected one of {', '.join(allowed)}, found {value!r}"
    for name in sorted(rules.keys() - given.keys()):
        if "DefaultValue" not in rules[name]:
            yield f"parameter {name} has no default, and nobody has chosen it"


def _refused(blueprint: Blueprint, problems: list[str]) -> Refused:
    return Refused("\n".join(f"template {blueprint.template}: {each}" for each in problems))
