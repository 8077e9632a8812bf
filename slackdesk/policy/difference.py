"""What differs between two policies, key by key, in words that an operator reads."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from slackdesk.policy.durations import format_duration

LONG_LIST = 12
"""Of lists with more elements, before and after together, only the elements that differ are shown."""


@dataclass(frozen=True)
class Difference:
    """One key with its two values as text; None where the key is not there."""

    key: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """One line: ``+ key: new``, ``- key: old`` or ``~ key: old → new``."""
        if self.before is None:
            return f"+ {self.key}: {self.after}"
        return f"- {self.key}: {self.before}" if self.after is None else f"~ {self.key}: {self.before} → {self.after}"


def differences(before: BaseModel | None, after: BaseModel, names: Mapping[str, str]) -> list[Difference]:
    """Keys whose values differ, in the order of ``after``, then those that are gone.

    Ids are shown as ``names`` (id → name) has them. Tiers are told apart by name, not by position.
    """
    old = dict(_flatten("", before.model_dump(exclude={"user_groups"}))) if before is not None else {}
    new = dict(_flatten("", after.model_dump(exclude={"user_groups"})))
    keys = [key for key in new if old.get(key) != new[key]] + [key for key in old if key not in new]
    return [Difference(key, *_texts(old.get(key), new.get(key), names)) for key in keys]


def _flatten(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if path == "queues":
            yield path, list(value)
        for key, inner in value.items():
            yield from _flatten(f"{path}.{key}".removeprefix("."), inner)
    elif isinstance(value, list | tuple) and value and all(isinstance(one, dict) and "name" in one for one in value):
        yield path, [one["name"] for one in value]
        for one in value:
            yield from _flatten(f"{path}[{one['name']}]", one)
    elif value not in (None, (), [], frozenset()):
        yield path, sorted(value) if isinstance(value, set | frozenset) else value


def _texts(old: Any, new: Any, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        before = [_text(one, names) for one in old]
        after = [_text(one, names) for one in new]
        if set(before) != set(after) and len(before) + len(after) > LONG_LIST:
            before, after = [x for x in before if x not in after], [x for x in after if x not in before]
        return ", ".join(before), ", ".join(after)
    return (None if old is None else _text(old, names)), (None if new is None else _text(new, names))


def _text(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, bool | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        is_interval = len(value) == 2 and all(isinstance(one, str) and ":" in one for one in value)
        return ("-" if is_interval else ", ").join(_text(one, names) for one in value)
    return names.get(str(value), str(value))
