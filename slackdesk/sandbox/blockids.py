"""The ids that Slack gives to blocks and elements that an app left without one."""

from __future__ import annotations

import json
from collections.abc import Callable

from slackdesk.sandbox.reading import is_interactive
from slackdesk.sandbox.records import Json


def with_ids(blocks: list[Json], new_id: Callable[[str], str]) -> list[Json]:
    """A copy in which every block and every interactive element has an id, as Slack gives them."""
    # Not deepcopy: an app may use one object in two places, and each place needs an id of its own.
    filled: list[Json] = json.loads(json.dumps(blocks))
    for block in filled:
        block["block_id"] = block.get("block_id") or new_id("b")
        _name_elements(block, new_id)
    return filled


def _name_elements(block: Json, new_id: Callable[[str], str]) -> None:
    for key in ("element", "accessory", "elements", "actions", "child_blocks"):
        inner = block.get(key, [])
        for element in [inner] if isinstance(inner, dict) else inner:
            if is_interactive(element):
                element["action_id"] = element.get("action_id") or new_id("a")
            else:
                _name_elements(element, new_id)
