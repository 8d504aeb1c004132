"""An environment that a release has made for one of its stages, and that ends with the release."""

from collections.abc import Iterator

from workflows.domain.environments.lease import MOMENT, is_ending
from workflows.domain.environments.order import EnvironmentPlan
from workflows.domain.environments.planning import plan_environment
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.errors import PolicyViolated
from workflows.domain.release.status import Blocker
from workflows.domain.spec import Catalog
from workflows.domain.spec.environment_template import EnvironmentTemplateSpec
from workflows.domain.values import Digest

PROTECTED = "is protected: a release could not have it torn down when it ends"
"""Why no environment of a release is created from such a template."""

DOTTED = "has a dot, and its name would name its stack: a-z, 0-9 and `-` alone"
"""Why no environment of a release is created under such a name."""


def created_from(environment: str, catalog: Catalog) -> EnvironmentPlan | None:
    """How *environment* is created for a release; None where it stands by itself.

    Raises:
        PolicyViolated: it cannot be; all that is wrong, one a line.
    """
    written = catalog.environments[environment].created_from
    if written is None:
        return None
    if "." in environment:
        raise PolicyViolated(f"{environment!r} {DOTTED}")
    spec = catalog.environment_templates.get(written.template_ref)
    if spec is not None and (problems := list(_unfit(written.template_ref, spec, catalog))):
        raise PolicyViolated("\n".join(problems))
    return plan_environment(written.template_ref, catalog, written.parameters)


def uncreatable(environment: str, catalog: Catalog) -> Iterator[str]:
    """Why *environment* could not be created for a release, where it is to be."""
    try:
        created_from(environment, catalog)
    except PolicyViolated as refused:
        for problem in str(refused).splitlines():
            yield f"environments.{environment}: createdFrom: {problem}"


def _unfit(template: str, spec: EnvironmentTemplateSpec, catalog: Catalog) -> Iterator[str]:
    if spec.protected:
        yield f"EnvironmentTemplate {template!r} {PROTECTED}"
    if spec.template.file not in catalog.files:
        yield f"the order does not carry the file {spec.template.file}"


def is_made_for(view: EnvironmentView, release: str, *, plan: Digest) -> bool:
    """Whether it is the one that *release* has made, or is having made, by this *plan*."""
    return (view.release, view.plan_digest) == (release, plan) and not is_ending(view)


def occupied(environment: str, view: EnvironmentView | None, *, gate: str) -> Blocker:
    """Who has the name that a release waits for; None tells nothing of itself."""
    where = f"{gate} of {environment}"
    if view is None:
        reason = f"{environment} lives, and does not say for whom"
        return Blocker(gate=where, reason=reason)
    if is_ending(view):
        left = f": {view.removal.problem}" if view.removal and view.removal.problem else ""
        return Blocker(gate=where, reason=f"{environment} is still being torn down{left}")
    until = f" until {view.expires_at:{MOMENT}}" if view.expires_at else ""
    reason = f"{environment} lives for {view.release or view.owner}{until}: {view.purpose}"
    if view.release is not None:
        return Blocker(
            gate=where,
            reason=reason,
            can_be_cleared_by=(f"the end of {view.release}",),
            clears_at=view.expires_at,
        )
    return Blocker(
        gate=where,
        reason=reason,
        can_be_cleared_by=(f"{view.owner}: lockgate env teardown {environment} --reason …",),
        clears_at=view.expires_at,
    )
