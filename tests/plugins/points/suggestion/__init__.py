"""Suggestions: people say what could be better. The newer half of what a plugin can use, in one plugin."""

from . import asking, summary, telling
from .declared import plugin

__all__ = ["asking", "plugin", "summary", "telling"]
