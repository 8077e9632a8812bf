"""Every kind of fault, by name."""

from .kinds import FaultKind

FAULTS: dict[str, FaultKind] = {}
