"""Follow-ups: an agent is reminded of a ticket later. One plugin that uses everything that a plugin can use."""

from . import acting, asking, showing
from .declared import plugin

__all__ = ["acting", "asking", "plugin", "showing"]
