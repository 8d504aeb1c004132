"""The table of components, in an order in which each comes after what it needs."""

from infra.local.cloud import AWS
from infra.local.component import Component
from infra.local.database import POSTGRES
from infra.local.engine import TEMPORAL
from infra.local.errors import StackError
from infra.local.home import ENVIRONMENTS
from infra.local.mesh import envoy
from infra.local.monitoring import ALERTMANAGER, PROMETHEUS
from infra.local.objects import SEAWEEDFS
from infra.local.ours import ALERTS, LOAD, MOTO, WORKER
from infra.local.vault import OPENBAO

COMPONENTS: tuple[Component, ...] = (
    OPENBAO,
    TEMPORAL,
    POSTGRES,
    SEAWEEDFS,
    *(envoy(environment) for environment in ENVIRONMENTS),
    PROMETHEUS,
    ALERTMANAGER,
    MOTO,
    AWS,
    WORKER,
    ALERTS,
    LOAD,
)
OPT_IN = frozenset({AWS.name, MOTO.name})
MAY_BE_LEFT_OUT = frozenset({WORKER.name, LOAD.name})
# These lean on the rest to end well: the worker hands its activities back, the load its requests.
STOPPED_FIRST = (LOAD.name, WORKER.name)
MONITORING = frozenset({PROMETHEUS.name, ALERTMANAGER.name})


def component(name: str) -> Component:
    """The component of that name.

    Raises:
        StackError: there is none.
    """
    for candidate in COMPONENTS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in COMPONENTS)
    raise StackError(f"{name}: no such component; there are {known}")


def select(
    *, without: frozenset[str] = frozenset(), added: frozenset[str] = frozenset()
) -> tuple[Component, ...]:
    """What `up` starts.

    Raises:
        StackError: `without` names what the others need, or `added` what is no opt-in.
    """
    for name in sorted(without - MAY_BE_LEFT_OUT):
        raise StackError(f"--without {name}: can only leave out {_listed(MAY_BE_LEFT_OUT)}")
    for name in sorted(added - OPT_IN):
        raise StackError(f"--with {name}: can only add {_listed(OPT_IN)}")
    left_out = without | (OPT_IN - added)
    return tuple(candidate for candidate in COMPONENTS if candidate.name not in left_out)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
