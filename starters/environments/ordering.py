"""From a catalog and what somebody typed, to the order of one environment."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starters.exit_codes import ExitCode
from starters.failures import CommandFailed
from starters.files.catalog import catalog_of, read_catalog
from starters.files.environment_lint import unmet
from starters.files.problems import FilesRefused, nearest, shown
from starters.files.stack_template import StackTemplate, read_stack_template
from workflows.domain.environments.census import Resource
from workflows.domain.environments.cost import Cost, hourly
from workflows.domain.environments.order import EnvironmentOrder, EnvironmentPlan
from workflows.domain.environments.planning import contact_of, plan_environment
from workflows.domain.errors import PolicyViolated
from workflows.domain.spec import Catalog

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_OWNER = re.compile(r"[A-Za-z0-9._@+-]{1,200}")
_LONGEST_PURPOSE = 256


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An order, and what can be told of it before anything is made."""

    order: EnvironmentOrder
    stack: StackTemplate

    @property
    def cost(self) -> Cost:
        """What it costs if all that the template declares is made."""
        made = [Resource(id=name, type=kind) for name, kind in self.stack.resources.items()]
        found = hourly(self.order.plan.prices, made)
        if self.stack.unreadable:
            unknown = tuple(".".join(str(p) for p in path) for path in self.stack.unreadable)
            return Cost(unpriced=(*found.unpriced, *unknown))
        return found


def read_templates(folder: Path) -> Catalog:
    """The catalog in *folder*.

    Raises:
        CommandFailed: there is no such folder (USAGE).
        FilesRefused: with every problem of the catalog.
    """
    if not folder.is_dir():
        raise CommandFailed(
            f"there is no folder {shown(folder)} with the catalog: name it with --catalog FOLDER",
            ExitCode.USAGE,
        )
    reading = read_catalog(folder)
    if reading.problems:
        raise FilesRefused(reading.problems)
    return catalog_of(reading)


def order_of(
    name: str,
    *,
    template: str,
    catalog: Path,
    chosen: Mapping[str, str],
    owner: str,
    requested_by: str,
    purpose: str,
) -> Ordered:
    """The order for an environment *name*, with everything decided.

    Raises:
        FilesRefused: the catalog is not in order.
        CommandFailed: the name, owner or purpose cannot be used, no such template, or parameters
            that it does not take (USAGE); a choice that its owner does not allow (DENIED).
    """
    expect_name(name)
    if not purpose.strip() or len(purpose) > _LONGEST_PURPOSE:
        raise CommandFailed(
            f"--purpose: expected 1 to {_LONGEST_PURPOSE} characters, found {len(purpose)}",
            ExitCode.USAGE,
        )
    if not _OWNER.fullmatch(owner):
        raise CommandFailed(
            f"the owner {owner[:200]!r} cannot be a name: 1 to 200 letters, digits, . _ @ + -; "
            "name another with --owner",
            ExitCode.USAGE,
        )
    known = read_templates(catalog)
    plan = planned(template, known, chosen, folder=catalog)
    file = shown(catalog / known.environment_templates[template].template.file)
    stack, problems = read_stack_template(file, plan.blueprint.text)
    if stack is None or problems:  # the catalog was in order: it was changed since
        raise FilesRefused(problems)
    if reasons := list(unmet(stack, plan.blueprint.parameters)):
        listed = "\n".join(reasons)
        raise CommandFailed(
            f"{file} does not take this:\n{listed}\nchoose with --set NAME=VALUE", ExitCode.USAGE
        )
    order = EnvironmentOrder(
        name=name,
        plan=plan,
        owner=owner,
        contact=contact_of(owner, known),
        purpose=purpose.strip(),
        requested_by=requested_by,
    )
    return Ordered(order=order, stack=stack)


def planned(
    template: str, catalog: Catalog, chosen: Mapping[str, str], *, folder: Path
) -> EnvironmentPlan:
    """The plan of *template* as the catalog has it now.

    Raises:
        CommandFailed: there is no such template (USAGE), or it does not let choose this (DENIED).
    """
    if template not in catalog.environment_templates:
        hint = nearest(template, catalog.environment_templates)
        raise CommandFailed(
            f"no EnvironmentTemplate {template} in {shown(folder)}: {hint}", ExitCode.USAGE
        )
    try:
        return plan_environment(template, catalog, chosen)
    except PolicyViolated as refused:
        raise CommandFailed(f"denied: {refused}", ExitCode.DENIED) from refused


def expect_name(name: str) -> None:
    """Raises CommandFailed where no environment can be called *name*, which names its stack."""
    if not _NAME.fullmatch(name):
        raise CommandFailed(
            f"{name!r} cannot name an environment: 1 to 63 of a-z, 0-9 and `-`, with a letter or "
            "digit at both ends",
            ExitCode.USAGE,
        )


def read_choices(written: Iterable[str]) -> dict[str, str]:
    """What `--set NAME=VALUE` says, each name once.

    Raises:
        CommandFailed: one is not of this form, or a name is set twice (USAGE).
    """
    chosen: dict[str, str] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise CommandFailed(f"--set {one}: expected NAME=VALUE", ExitCode.USAGE)
        if name in chosen:
            raise CommandFailed(f"--set {one}: {name} is set twice", ExitCode.USAGE)
        chosen[name] = value
    return chosen
