"""What can be wrong in a declaration, each as what to write instead; None when it is fine."""

import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

LABEL_CHARACTERS = 75
"""On a button (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""

HELP_CHARACTERS = 150
CRON_FIELDS = 5


def cron_mistake(cron: object, timezone: object) -> str | None:
    """Of a cron expression: its form, an instant that never comes, an unknown time zone."""
    remedy = 'write a cron expression of five fields, such as "0 8 * * MON"'
    if not isinstance(cron, str) or len(cron.split()) != CRON_FIELDS or not croniter.is_valid(cron):
        return remedy
    try:
        croniter(cron, datetime.now(UTC)).get_next(datetime)
    except CroniterError:
        return f"that day never comes; {remedy}"
    if timezone is None:
        return None
    try:
        ZoneInfo(str(timezone))
    except (KeyError, OSError, ValueError):
        return 'write a time zone of the IANA database, such as "Asia/Jakarta"'
    return None


def sentence_mistake(name: str, sentence: object, most: int, values: Mapping[str, str] | None = None) -> str | None:
    """Of a text for people that the core says, with these values filled in."""
    if not isinstance(sentence, str) or not 0 < len(sentence.strip()) <= most:
        return f"{name} = {sentence!r}: write a text of 1 to {most} characters"
    try:
        sentence.format(**(values or {}))
    except (AttributeError, KeyError, IndexError, ValueError):
        filled = f"only {', '.join(values)} can be filled in" if values else "there is nothing to fill in"
        return f"{name} = {sentence!r}: write it without {'other ' if values else ''}braces, {filled}"
    return None


def function_mistake(function: Any, parameters: int | None) -> str | None:
    """Of a function: its parameters (None: at least one), and that it does its work when it is called."""
    if not isinstance(function, Callable):  # type: ignore[arg-type]
        return f"{function!r}: write a function below the decorator"
    name = getattr(function, "__name__", repr(function))
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return f"{name}: write def, not async def: nothing would wait for it"
    if inspect.isgeneratorfunction(function):
        return f"{name}: return what there is, do not yield it"
    signature = inspect.signature(function)
    try:
        signature.bind_partial(None) if parameters is None else signature.bind(*[None] * parameters)
    except TypeError:
        return f"{name}{signature}: docs/plugins.md shows what it takes"
    return None
