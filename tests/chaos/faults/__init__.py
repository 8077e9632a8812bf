"""Every kind of fault, by name."""

from . import calls, closed_places, databases, deaths, redis_server, sockets
from .kinds import FaultKind

FAULTS: dict[str, FaultKind] = {
    kind.name: kind
    for module in (calls, sockets, databases, redis_server, deaths, closed_places)
    for kind in module.KINDS
}
