"""Each story that a schedule may start is served, and told what it takes."""

from typing import get_type_hints

import pytest

from starters.schedules.stories import STORIES
from workers.pools import POOLS

SERVED = {story.__name__: story for pool in POOLS.values() for story in pool.stories}


@pytest.mark.parametrize("name", STORIES)
def test_a_worker_serves_it_and_it_takes_what_it_is_told(name):
    assert get_type_hints(SERVED[name].run)["order"] is STORIES[name]
