"""An environment against its template of today, its cloud, or another environment."""

from starters.environments.differences import (
    Difference,
    by_type,
    differences,
    facts,
    plan_differences,
    text_difference,
)
from starters.exit_codes import ExitCode
from workflows.domain.environments.drift import Drift
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.spec import Catalog
from workflows.domain.values import View
from workflows.ports.environments import Made


class Compared(View):
    """What is not the same on the two sides, and what could not be compared."""

    one: str
    other: str
    differences: tuple[Difference, ...] = ()
    text: tuple[str, ...] = ()
    """The lines in which the two texts of the template differ."""
    drift: Drift | None = None
    """How what exists differs from the template that it was made from; None where not asked."""
    unknown: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """30 for any difference; 13 where there is none, and not all could be compared."""
        drift = self.drift
        if self.differences or (drift is not None and drift.found):
            return ExitCode.DRIFT
        unknown = self.unknown or (drift is not None and drift.unknown)
        return ExitCode.HOLDING if unknown else ExitCode.OK


def compared_with_catalog(
    name: str, asked: EnvironmentPlan, now: EnvironmentPlan, *, drift: Drift | str | None
) -> Compared:
    """What was asked for, against what the catalog would make of it now, and what exists.

    What is told instead of *drift* says why that is not known; None is that nobody asked.
    """
    said = ("asked for", "catalog now")
    return Compared(
        one=f"{name}, as asked for",
        other="the catalog now",
        differences=plan_differences(asked, now),
        text=text_difference(asked.blueprint.text, now.blueprint.text, names=said),
        drift=drift if isinstance(drift, Drift) else None,
        unknown=(f"drift: {drift}",) if isinstance(drift, str) else (),
    )


def still_allowed(asked: EnvironmentPlan, template: str, catalog: Catalog) -> dict[str, str]:
    """Of the parameters that were asked for, those that the template still lets choose so."""
    spec = catalog.environment_templates.get(template)
    rules = spec.parameters if spec is not None else {}
    return {
        name: value
        for name, value in asked.blueprint.parameters.items()
        if name in rules and (not rules[name].allowed or value in rules[name].allowed)
    }


def compared(
    one: tuple[EnvironmentPlan, EnvironmentView, Made | str],
    other: tuple[EnvironmentPlan, EnvironmentView, Made | str],
) -> Compared:
    """Two environments: what they were asked for, and what exists of each.

    What is told instead of what exists says why that is not known.
    """
    (plan, view, made), (other_plan, other_view, other_made) = one, other
    told = [differences(facts(plan), facts(other_plan))]
    unknown = []
    if isinstance(made, Made) and isinstance(other_made, Made):
        told.append(differences(_outputs(made), _outputs(other_made)))
        told.append(differences(by_type(made.resources), by_type(other_made.resources)))
    else:
        sides = ((view.name, made), (other_view.name, other_made))
        unknown = [f"{name}: {side}" for name, side in sides if isinstance(side, str)]
    texts = (plan.blueprint.text, other_plan.blueprint.text)
    return Compared(
        one=view.name,
        other=other_view.name,
        differences=tuple(each for part in told for each in part),
        text=text_difference(*texts, names=(view.name, other_view.name)),
        unknown=tuple(unknown),
    )


def _outputs(made: Made) -> dict[str, str]:
    return {f"outputs.{name}": value for name, value in sorted(made.outputs.items())}
