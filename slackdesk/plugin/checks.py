"""What plugins ask for, checked while their code still runs, so that nothing of it can fail later."""

import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.plugin.errors import PluginError, said
from slackdesk.plugin.values import File

KEY_CHARACTERS = 200
PAYLOAD_CHARACTERS = 10_000
"""Of a timer's payload, as JSON. What is larger belongs into a table of the plugin."""

BLOCKS_CHARACTERS = 30_000
"""All blocks of a message together, as JSON."""

FILES_MAX = 5
"""Of one message."""

FILE_BYTES_MAX = 1_000_000
FILE_TITLE_CHARACTERS = 150
ALT_TEXT_CHARACTERS = 1_000
"""Source: Slack's errors of files.getUploadURLExternal."""

_FILE_NAME = re.compile(r"[^/\\\x00-\x1f]{1,90}\.[A-Za-z0-9]{1,9}")


def checked_blocks(blocks: Iterable[Block], most: int) -> list[dict[str, Any]]:
    """The blocks as Slack takes them. Raises PluginError for what Slack would refuse."""
    try:
        shown = [block.to_dict() for block in islice(blocks, most + 1)]
        text = json.dumps(shown)
    except Exception as error:
        raise PluginError(f"blocks that Slack would refuse: {said(error)}") from error
    if len(shown) > most:
        raise PluginError(f"more than {most} blocks")
    if len(text) > BLOCKS_CHARACTERS:
        raise PluginError(f"blocks of {len(text)} characters; {BLOCKS_CHARACTERS} is the most")
    ready: list[dict[str, Any]] = json.loads(text)
    return ready


def checked_key(where: str, key: str) -> str:
    """The key. Raises PluginError for what cannot be one."""
    if not isinstance(key, str) or not 0 < len(key) <= KEY_CHARACTERS:
        raise PluginError(f"{where}: key = {key!r}: write a text of at most {KEY_CHARACTERS} characters")
    return key


def check_words(where: str, **words: str) -> None:
    """Raise PluginError for a word that is none, or too long."""
    for name, word in words.items():
        if not _is_text(word, KEY_CHARACTERS):
            raise PluginError(f"{where}: {name} = {word!r}: write a text of 1 to {KEY_CHARACTERS} characters")


def checked_payload(where: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it is read back later. Raises PluginError for what cannot be kept."""
    try:
        text = json.dumps(dict(payload), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{where}: payload = {payload!r}: {said(error)}") from error
    if len(text) > PAYLOAD_CHARACTERS:
        raise PluginError(f"{where}: a payload of {len(text)} characters; {PAYLOAD_CHARACTERS} is the most")
    kept: dict[str, Any] = json.loads(text)
    return kept


def checked_files(where: str, files: Iterable[File]) -> tuple[File, ...]:
    """The files. Raises PluginError for what Slack would refuse, and for what nobody could read."""
    found = tuple(islice(files, FILES_MAX + 1))
    if len(found) > FILES_MAX:
        raise PluginError(f"{where}: more than {FILES_MAX} files")
    for file in found:
        if mistake := _file_mistake(file):
            raise PluginError(f"{where}: {mistake}")
    if len({file.name for file in found}) < len(found):
        raise PluginError(f"{where}: two files have the same name")
    return found


def _file_mistake(file: object) -> str | None:
    """What to write instead; None when it is fine."""
    if not isinstance(file, File):
        return f"{file!r} in the place of a File"
    name: object = file.name
    content: object = file.content
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        return f"name = {name!r}: write a file name with an extension, of at most 100 characters"
    if type(content) is not bytes or not 0 < len(content) <= FILE_BYTES_MAX:
        return f"{name}: write its content as 1 to {FILE_BYTES_MAX:,} bytes"
    if not _is_text(file.title, FILE_TITLE_CHARACTERS):
        return f"{name}: title = {file.title!r}: write a text of 1 to {FILE_TITLE_CHARACTERS} characters"
    is_picture = (mimetypes.guess_type(name)[0] or "").startswith("image/")
    if (is_picture or file.alt_text is not None) and not _is_text(file.alt_text, ALT_TEXT_CHARACTERS):
        return f"{name}: alt_text = {file.alt_text!r}: say in 1 to {ALT_TEXT_CHARACTERS:,} characters what it shows"
    return None


def _is_text(text: object, most: int) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= most
