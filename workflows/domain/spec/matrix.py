"""The decision matrix: who must agree, by class, risk, environment and class of data."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from workflows.domain.durations import Duration
from workflows.domain.spec.approvals import ApproverRule
from workflows.domain.values import Name, SpecPart

ChangeClassName = Literal["standard", "normal", "emergency"]
RiskName = Literal["low", "medium", "high", "unassessed"]
DataClassName = Literal["public", "internal", "confidential", "restricted", "unclassified"]
InputName = Literal["class", "risk", "environment", "dataClass"]

T = TypeVar("T")


def _listed(written: object) -> object:
    """`low` is as good as `[low]`; a list that passed through here is no longer JSON's."""
    if isinstance(written, str):
        return (written,)
    return tuple(written) if isinstance(written, list) else written


class _OneOrMore:
    """Says in the JSON Schema that one item may stand for a list of it."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        listed = handler(core)
        return {"anyOf": [listed["items"], listed]}


OneOrMore: TypeAlias = Annotated[
    tuple[T, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=50),
    _OneOrMore(),
]


class MatrixRule(SpecPart):
    """One row: for which cases it stands, and who must agree. An input left out stands for all."""

    change_class: OneOrMore[ChangeClassName] | None = Field(default=None, alias="class")
    """The change classes that it stands for; one, or a list."""
    risk: OneOrMore[RiskName] | None = None
    """The levels of risk; `unassessed` where nothing calibrated has scored the release."""
    environment: OneOrMore[Name] | None = None
    """The environments, of those that this policy guards."""
    data_class: OneOrMore[DataClassName] | None = None
    """The classes of data that the released services hold; `unclassified` where none is said."""
    require: tuple[ApproverRule, ...] | None = Field(default=None, max_length=10)
    """All of these must agree; an empty list says that nobody has to."""
    reclassify: ChangeClassName | None = None
    """Instead of `require`: go by the row for this class."""
    retrospective: Duration | None = None
    """By when after its end the release must have been looked back at."""

    @property
    def conditions(self) -> Mapping[InputName, tuple[str, ...] | None]:
        """What the row asks of each input; None is whatever it may be."""
        return {
            "class": self.change_class,
            "risk": self.risk,
            "environment": self.environment,
            "dataClass": self.data_class,
        }

    @model_validator(mode="after")
    def _decides_once(self) -> Self:
        if (self.require is None) == (self.reclassify is None):
            raise ValueError("give either require or reclassify; `require: []` asks nobody")
        if self.reclassify is not None and self.retrospective is not None:
            raise ValueError("retrospective belongs to the row that reclassify leads to")
        return self


class DecisionMatrix(SpecPart):
    """Rows of which exactly one stands for each case: unique hit policy, proved by lint."""

    inputs: tuple[InputName, ...] = Field(min_length=1, max_length=4)
    """What the rows go by; whatever is not listed here makes no difference."""
    rules: tuple[MatrixRule, ...] = Field(min_length=1, max_length=200)
    """The rows. Their order means nothing; row 4 of policy `prod` is called `prod#4`."""

    @model_validator(mode="after")
    def _listed_inputs(self) -> Self:
        for position, rule in enumerate(self.rules, start=1):
            for name, condition in rule.conditions.items():
                if condition is not None and name not in self.inputs:
                    raise ValueError(
                        f"row {position} goes by {name}, which inputs does not list: "
                        f"{', '.join(self.inputs)}"
                    )
        return self
