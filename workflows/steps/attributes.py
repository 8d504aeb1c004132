"""Setting search attributes from a story, typed once."""

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from workflows.domain.names import Attribute, searchable


def keyword(attribute: Attribute, value: str) -> None:
    """Set a single-valued attribute."""
    key = SearchAttributeKey.for_keyword(attribute)
    workflow.upsert_search_attributes([key.value_set(value)])


def keywords(attribute: Attribute, values: Sequence[str]) -> None:
    """Set an attribute that holds several values at once, as many as fit."""
    key = SearchAttributeKey.for_keyword_list(attribute)
    workflow.upsert_search_attributes([key.value_set(searchable(values))])


def moment(attribute: Attribute, value: datetime) -> None:
    """Set an attribute that a search may compare with a time."""
    key = SearchAttributeKey.for_datetime(attribute)
    workflow.upsert_search_attributes([key.value_set(value)])
