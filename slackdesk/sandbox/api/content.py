"""The content of a message, checked the same way for every method that carries one."""

from dataclasses import dataclass
from typing import Any

from slackdesk.sandbox.blockkit import message_problems
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call
from slackdesk.sandbox.records import Json

MAX_MARKDOWN_LENGTH = 12_000


@dataclass(frozen=True)
class Content:
    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None


def read_content(call: Call) -> Content:
    """What the call wants to say; None where the argument is not given.

    Raises `invalid_blocks_format`, `invalid_attachments_format`, `invalid_metadata_format`, `markdown_text_conflict`;
    `invalid_blocks` or `invalid_metadata_schema` with `response_metadata.messages`.
    Blocks without fallback text are noted in the journal.
    """
    args = call.args
    blocks = _typed(args.get("blocks"), list, "invalid_blocks_format")
    attachments = _typed(args.get("attachments"), list, "invalid_attachments_format")
    metadata = _typed(args.get("metadata"), dict, "invalid_metadata_format")
    text = call.text("text") if args.get("text") is not None else None
    if markdown := call.text("markdown_text"):
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        if len(markdown) > MAX_MARKDOWN_LENGTH:
            raise ApiError("msg_too_long")
        text = markdown
    checked = {"text": text, "blocks": blocks, "attachments": attachments, "metadata": metadata}
    problems = message_problems({name: value for name, value in checked.items() if value is not None})
    only_metadata = all("[json-pointer:/metadata" in problem for problem in problems)
    call.refuse_illegal(problems, "invalid_metadata_schema" if only_metadata else "invalid_blocks")
    call.missing_fallback_text = bool(blocks) and not (text or "").strip()
    return Content(text, _with_block_ids(call, blocks), attachments, metadata)


def require_something_to_say(content: Content) -> None:
    """Raises `no_text`."""
    if not (content.text or content.blocks or content.attachments):
        raise ApiError("no_text")


def _typed(value: Any, expected: type, error: str) -> Any:
    if value is None or value == "":
        return None
    if not isinstance(value, expected):
        raise ApiError(error)
    return value


def _with_block_ids(call: Call, blocks: list[Json] | None) -> list[Json] | None:
    """Slack names the blocks and the interactive elements that the app left without an id."""
    if blocks is None:
        return None
    return [block if block.get("block_id") else block | {"block_id": call.workspace.new_id("b")} for block in blocks]
