"""Environments that are created for a release: held against the templates they are made from."""

from collections.abc import Iterator, Mapping

from starters.files.documents import Document, Reading
from starters.files.environment_lint import unmet
from starters.files.problems import FieldPath, Problem, field_name
from starters.files.stack_template import read_stack_template
from workflows.domain.environments.binding import DOTTED, PROTECTED
from workflows.domain.environments.planning import refused_choices
from workflows.domain.spec import Environment, EnvironmentTemplate
from workflows.domain.spec.environment import CreatedFrom
from workflows.domain.spec.environment_template import EnvironmentTemplateSpec
from workflows.domain.values import FileName

_AT: FieldPath = ("spec", "createdFrom")


def uncreatable_environments(read: Reading) -> Iterator[Problem]:
    """What would keep a release from having its environment; no such template is dangling."""
    models = [document.model for document in read.documents]
    templates = {m.metadata.name: m.spec for m in models if isinstance(m, EnvironmentTemplate)}
    for document in read.documents:
        if not isinstance(model := document.model, Environment):
            continue
        written, name = model.spec.created_from, model.metadata.name
        if written is not None and "." in name:
            yield _problem(document, ("metadata", "name"), f"{name!r} {DOTTED}")
        if written is not None and (spec := templates.get(written.template_ref)) is not None:
            yield from _unfit(document, written, spec, read.files)


def _unfit(
    document: Document,
    written: CreatedFrom,
    spec: EnvironmentTemplateSpec,
    files: Mapping[FileName, str],
) -> Iterator[Problem]:
    if spec.protected:
        message = f"EnvironmentTemplate {written.template_ref} {PROTECTED}"
        yield _problem(document, (*_AT, "templateRef"), message)
    refused = tuple(refused_choices(spec.parameters, written.parameters))
    for name, message in refused:
        yield _problem(document, (*_AT, "parameters", name), message)
    if refused or spec.template.file not in files:
        return
    stack, _ = read_stack_template(spec.template.file, files[spec.template.file])
    if stack is None:
        return  # what is wrong with it is said where it is written
    given = {name: rule.default for name, rule in spec.parameters.items() if rule.default}
    for message in unmet(stack, {**given, **written.parameters}):
        yield _problem(document, _AT, message)


def _problem(document: Document, path: FieldPath, message: str) -> Problem:
    return Problem(document.written.place_of(path), field_name(path), message)
