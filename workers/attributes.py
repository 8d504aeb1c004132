"""Registers the search attributes that the namespace lacks; running it twice changes nothing."""

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.domain.names import DATES, LISTS, Attribute

log = structlog.get_logger(__name__)

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
_KEYWORD_LIST = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
_DATETIME = IndexedValueType.INDEXED_VALUE_TYPE_DATETIME


async def register_attributes(client: Client) -> tuple[Attribute, ...]:
    """Add what is missing; return what was added.

    Raises:
        RPCError: the server refuses, for instance for want of permission.
    """
    operator = client.operator_service
    known = await operator.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = tuple(name for name in Attribute if name not in known.custom_attributes)
    if missing:
        await _add(client, missing)
        log.info("search_attributes_registered", attributes=[str(name) for name in missing])
    return missing


async def _add(client: Client, missing: tuple[Attribute, ...]) -> None:
    request = AddSearchAttributesRequest(
        namespace=client.namespace,
        search_attributes={str(name): _type_of(name) for name in missing},
    )
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        # Another worker that starts at the same moment was first.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


def _type_of(name: Attribute) -> IndexedValueType.ValueType:
    if name in DATES:
        return _DATETIME
    return _KEYWORD_LIST if name in LISTS else _KEYWORD
