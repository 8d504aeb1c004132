"""Environment templates, held against the CloudFormation templates that they name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starters.files.documents import Document, Reading
from starters.files.problems import FieldPath, Place, Problem, field_name, nearest, shown
from starters.files.stack_parameters import Declared
from starters.files.stack_template import StackTemplate, read_stack_template
from workflows.domain.durations import write_duration
from workflows.domain.spec import EnvironmentTemplate
from workflows.domain.spec.environment_template import EnvironmentTemplateSpec, PriceSpec


def environment_findings(read: Reading, folder: Path) -> Reading:
    """What is wrong with environment templates of the catalog in *folder*, and what to know."""
    found = Reading()
    for document in read.documents:
        if not isinstance(model := document.model, EnvironmentTemplate):
            continue
        found += Reading(problems=tuple(_life(document, model.spec)))
        name = model.spec.template.file
        if name not in read.files:
            continue  # that a file is missing is said where it is named
        stack, problems = read_stack_template(shown(folder / name), read.files[name])
        found += Reading(problems=problems)
        if stack is not None:
            seen = _Seen(document, model.spec, stack)
            found += Reading(problems=tuple(seen.problems()), warnings=tuple(seen.warnings()))
    return found


def unmet(stack: StackTemplate, given: Mapping[str, str]) -> Iterator[str]:
    """Why the template does not take these parameters, each with what to do; one a line."""
    for name, value in given.items():
        if (declared := stack.parameters.get(name)) is None:
            yield f"parameter {name}: the template has none of this name"
        elif why := declared.refuses(value):
            yield f"parameter {name}: {why}"
    for name, declared in stack.parameters.items():
        if declared.default is None and name not in given:
            yield f"parameter {name} has no default: choose it"


def _life(document: Document, spec: EnvironmentTemplateSpec) -> Iterator[Problem]:
    """Warnings that would come before the beginning."""
    lease = spec.lease
    ttl = write_duration(lease.ttl)
    if "warn_before" not in lease.model_fields_set:
        if any(before >= lease.ttl for before in lease.warn_before):
            message = f"is {ttl}, and warnBefore is 24h unless it is written: write a shorter one"
            yield _at(document, ("spec", "lease", "ttl"), message)
        return
    for at, before in enumerate(lease.warn_before):
        if before >= lease.ttl:
            message = f"{write_duration(before)} is not shorter than ttl, {ttl}"
            yield _at(document, ("spec", "lease", "warnBefore", at), message)


def _at(document: Document, path: FieldPath, message: str) -> Problem:
    return Problem(document.written.place_of(path), field_name(path), message)


@dataclass(frozen=True)
class _Seen:
    """An environment template beside the stack's own."""

    document: Document
    spec: EnvironmentTemplateSpec
    stack: StackTemplate

    def problems(self) -> Iterator[Problem]:
        yield from self._chosen()
        yield from self._left_open()
        yield from self._snapshots()
        for at, price in enumerate(self.spec.prices.resources):
            yield from self._mispriced(("spec", "prices", "resources", at), price)

    def warnings(self) -> Iterator[Problem]:
        for path in self.stack.unreadable:
            message = "what it makes is not known before; its price is unknown, which is not zero"
            yield Problem(self.stack.written.place_of_key(path), field_name(path), message)
        yield from self._unpriced()
        for at, price in enumerate(self.spec.prices.resources):
            yield from self._price_in_doubt(("spec", "prices", "resources", at), price)
        for name in self.spec.parameters:
            declared = self.stack.parameters.get(name)
            if declared is not None and declared.unread_pattern:
                path = ("Parameters", name, "AllowedPattern")
                message = "is a pattern that only CloudFormation can read: it is checked there"
                yield Problem(self.stack.written.place_of(path), field_name(path), message)

    def _chosen(self) -> Iterator[Problem]:
        """What may be chosen must be a parameter there, and every value one that it takes."""
        for name, rule in self.spec.parameters.items():
            path: FieldPath = ("spec", "parameters", name)
            if (declared := self.stack.parameters.get(name)) is None:
                message = f"is no parameter of {self.spec.template.file}; " + nearest(
                    name, self.stack.parameters
                )
                place = self.document.written.place_of_key(path)
                yield Problem(place, field_name(path), message)
                continue
            if declared.secret:
                yield _at(self.document, path, _NO_ECHO)
            values = [((*path, "allowed", at), value) for at, value in enumerate(rule.allowed)]
            if rule.default is not None:
                values.append(((*path, "default"), rule.default))
            for where, value in values:
                if why := declared.refuses(value):
                    yield _at(self.document, where, f"{why} ({self._declared_at(name)})")

    def _left_open(self) -> Iterator[Problem]:
        for name, declared in self.stack.parameters.items():
            if declared.default is None and name not in self.spec.parameters:
                what = _NO_ECHO if declared.secret else "let it be chosen, or give it a default"
                message = f"{name} has no default ({self._declared_at(name)}): {what}"
                yield _at(self.document, ("spec", "parameters"), message)

    def _snapshots(self) -> Iterator[Problem]:
        for at, name in enumerate(self.spec.teardown.snapshots):
            if name not in self.stack.resources:
                message = f"is no resource of {self.spec.template.file}; " + nearest(
                    name, self.stack.resources
                )
                path = ("spec", "teardown", "snapshots", at)
                yield _at(self.document, path, f"{name} {message}")

    def _mispriced(self, path: FieldPath, price: PriceSpec) -> Iterator[Problem]:
        if price.by is None:
            return
        if (declared := self.stack.parameters.get(price.by)) is None:
            message = f"{price.by} is no parameter of {self.spec.template.file}; " + nearest(
                price.by, self.stack.parameters
            )
            yield _at(self.document, (*path, "by"), message)
            return
        values = declared.allowed or self._values(price.by, declared)
        for value in price.per_hour_by:
            if values and value not in values:
                message = f"{price.by} is never {value!r}: it is {', '.join(values)}"
                yield _at(self.document, (*path, "perHourBy", value), message)

    def _unpriced(self) -> Iterator[Problem]:
        """Types without a price, at the first resource of each."""
        priced = {price.type for price in self.spec.prices.resources}
        without: dict[str, str] = {}
        for name, kind in self.stack.resources.items():
            if kind not in priced:
                without.setdefault(kind, name)
        for kind, name in without.items():
            message = (
                f"{kind} has no price in EnvironmentTemplate {self.document.name}: what it costs "
                'is unknown, which is not zero; perHour: "0" says that it costs nothing'
            )
            yield Problem(self.stack.place_of(name), f"Resources.{name}", message)
        if self.spec.extension.money is not None and (without or self.stack.unreadable):
            message = "cannot be kept with unknown prices: every extension will be refused"
            yield _at(self.document, ("spec", "extension", "money"), message)

    def _price_in_doubt(self, path: FieldPath, price: PriceSpec) -> Iterator[Problem]:
        declared = self.stack.parameters.get(price.by) if price.by is not None else None
        if price.by is None or declared is None:
            return
        rule = self.spec.parameters.get(price.by)
        if rule is None or (rule.default is None and declared.default is not None):
            message = (
                f"the price is unknown where nobody chooses {price.by}: give it a default in "
                f"spec.parameters.{price.by}"
            )
            yield _at(self.document, (*path, "by"), message)
        values = self._values(price.by, declared)
        if missing := [value for value in values if value not in price.per_hour_by]:
            message = f"has no price for {', '.join(missing)}: it is unknown then"
            yield _at(self.document, (*path, "perHourBy"), message)

    def _values(self, parameter: str, declared: Declared) -> tuple[str, ...]:
        """The values that the parameter may have here; empty where there is no list."""
        rule = self.spec.parameters.get(parameter)
        return (rule.allowed if rule is not None else ()) or declared.allowed

    def _declared_at(self, parameter: str) -> Place:
        return self.stack.written.place_of_key(("Parameters", parameter))


_NO_ECHO = (
    "a NoEcho parameter would stand in the history of every request: let the template read the "
    "secret itself, with {{resolve:secretsmanager:...}}"
)
