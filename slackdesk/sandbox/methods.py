"""The registry of Web API methods, and what a method gets to work with."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import Channel, Json, User

if TYPE_CHECKING:
    from slackdesk.sandbox import Sandbox
    from slackdesk.sandbox.state import Workspace

TokenKind = Literal["bot", "app"] | None

JSON_ARGUMENTS = frozenset({"blocks", "attachments", "metadata", "view", "files", "message"})
"""Arguments that come as a JSON string in a form and as they are in a JSON body."""


@dataclass(eq=False)
class Call:
    """One call of a method. `args` holds strings, numbers, booleans and decoded JSON; unknown ones are ignored."""

    sandbox: "Sandbox"
    method: str
    args: Json
    user: User
    scopes: frozenset[str]
    warnings: list[str] = field(default_factory=list)
    illegal: list[str] = field(default_factory=list)
    missing_fallback_text: bool = False

    @property
    def workspace(self) -> "Workspace":
        return self.sandbox.workspace

    def required(self, name: str) -> str:
        """Raises `invalid_arguments` that names the field where it is missing or empty."""
        value = self.text(name)
        if not value:
            invalid_argument(f"missing required field: {name}")
        return value

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, (str, int, float)):
            invalid_argument(f"must be a string [json-pointer:/{name}]")
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.args.get(name)
        return default if value is None else value in (True, 1, "1", "true", "True")

    def integer(self, name: str, default: int) -> int:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            invalid_argument(f"must be an integer [json-pointer:/{name}]")

    def ids(self, name: str) -> list[str]:
        """A list given as such or separated by commas."""
        value = self.args.get(name)
        parts = value if isinstance(value, list) else self.text(name).split(",")
        return [part for part in (str(part).strip() for part in parts) if part]

    def channel(self, name: str = "channel") -> Channel:
        """The conversation of that id, as far as the caller may know of it. Raises `channel_not_found`."""
        return self.workspace.visible_channel(self.required(name), self.user)

    def need_scope(self, *alternatives: str) -> None:
        """Raises `missing_scope` unless one of them was granted."""
        if not self.scopes.intersection(alternatives):
            raise ApiError("missing_scope", needed=alternatives[0], provided=",".join(sorted(self.scopes)))

    def refuse_illegal(self, problems: Sequence[str], error: str = "invalid_blocks") -> None:
        """Note the problems in the journal and refuse, with Slack's `response_metadata.messages`; nothing if none."""
        if problems:
            self.illegal.extend(problems)
            raise ApiError(error, response_metadata={"messages": list(problems)})

    def page(self, items: Sequence[Any], default_limit: int = 100, max_limit: int = 1000) -> tuple[list[Any], Json]:
        """The asked-for part of `items` and the `response_metadata` that leads to the next. Raises `invalid_cursor`."""
        limit = self.integer("limit", default_limit)
        if not 0 <= limit <= max_limit:
            raise ApiError("invalid_limit")
        start = _position(self.text("cursor"))
        end = start + (limit or default_limit)
        more = end < len(items)
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if more else ""
        return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next" and position.isdigit():
            return int(position)
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise ApiError("invalid_cursor")


def invalid_argument(problem: str) -> NoReturn:
    """Raises `invalid_arguments`; `problem` names the field."""
    raise ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem}"]})


def decode_arguments(args: Json) -> Json:
    """Decode the JSON-string fields of a form; what is no JSON stays a string, for the method to refuse."""
    decoded = dict(args)
    for name in JSON_ARGUMENTS & args.keys():
        if isinstance(value := args[name], str):
            try:
                decoded[name] = json.loads(value)
            except ValueError:
                decoded[name] = value
    return decoded


Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    name: str
    handler: Handler
    scopes: tuple[str, ...]
    token: TokenKind


METHODS: dict[str, Method] = {}


def method(name: str, *, scopes: Sequence[str] = (), token: TokenKind = "bot") -> Callable[[Handler], Handler]:  # noqa: S107
    """Register a handler for calls with this kind of token (None: without any).

    Any one of `scopes` suffices. The handler's result gets `"ok": true`.
    """

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, tuple(scopes), token)
        return handler

    return register
