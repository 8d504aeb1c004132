"""What an environment costs, and what its removal saves; an unknown price is never zero."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from workflows.domain.environments.census import STACK, Resource
from workflows.domain.environments.order import PriceTable
from workflows.domain.environments.view import EnvironmentView
from workflows.domain.values import Value

MONTH = timedelta(hours=730)
"""A month as AWS prices it: a twelfth of a year."""
_HOUR = Decimal(3600)


class Cost(Value):
    """What all of it costs an hour; None where *unpriced* names types that have no price."""

    per_hour: Decimal | None = None
    unpriced: tuple[str, ...] = ()


def hourly(prices: PriceTable, resources: Iterable[Resource]) -> Cost:
    """The sum over *resources*; a stack itself is no resource that anybody pays for."""
    types = [each.type for each in resources if each.type != STACK]
    unpriced = sorted({each for each in types if each not in prices.per_hour})
    if unpriced:
        return Cost(unpriced=tuple(unpriced))
    return Cost(per_hour=sum((prices.per_hour[each] for each in types), Decimal(0)))


def over(per_hour: Decimal, span: timedelta) -> Decimal:
    """What *span* costs at *per_hour*."""
    return per_hour * Decimal(span.total_seconds()) / _HOUR


def per_month(per_hour: Decimal | None) -> Decimal | None:
    """What a month costs; None where nobody knows."""
    return None if per_hour is None else over(per_hour, MONTH)


def so_far(view: EnvironmentView, now: datetime) -> Decimal | None:
    """What it has cost since it was begun; None where nobody knows."""
    if view.per_hour is None or view.created_at is None:
        return None
    return over(view.per_hour, max(now - view.created_at, timedelta(0)))
