import asyncio

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

from workers.attributes import register_attributes
from workflows.domain.names import DATES, LISTS, Attribute

KEYWORD, DATETIME, KEYWORD_LIST = 2, 6, 7


async def test_what_the_namespace_lacks_is_registered_once(client):
    added = await register_attributes(client)
    again = await register_attributes(client)

    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    assert set(added) | set(again) <= set(Attribute)
    assert again == ()
    assert {name: known.custom_attributes[name] for name in Attribute} == {
        name: _type_of(name) for name in Attribute
    }


async def test_workers_that_start_at_the_same_moment_do_not_disturb_each_other(client):
    await asyncio.gather(*(register_attributes(client) for _ in range(4)))

    assert await register_attributes(client) == ()


def _type_of(name):
    if name in DATES:
        return DATETIME
    return KEYWORD_LIST if name in LISTS else KEYWORD
