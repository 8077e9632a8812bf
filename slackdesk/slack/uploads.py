"""Files on their way to Slack: announced, carried up, shared. Nobody sees a file before it is shared.

So everything but the sharing may simply be repeated. Sharing takes no metadata; whether a file was shared is looked up
by the file's own id, which is known before (https://docs.slack.dev/messaging/working-with-files).
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from slack_sdk.errors import SlackApiError

UPLOAD = "files.getUploadURLExternal"
"""As a ``SlackCall``: ``filename``, ``content`` (bytes) and ``alt_txt``; announces the file and carries it up, too."""

SHARE = "files.completeUploadExternal"
"""As a ``SlackCall``: ``channel``, ``thread_ts`` and ``files`` (``id`` and ``title`` each)."""

SHARED_WITHIN = timedelta(minutes=1)
"""Slack shares what was completed a little later; what is nowhere after this long was not completed."""

CallApi = Callable[..., dict[str, Any]]
"""``call(method, params=…)``; raises what the SDK raises."""


def upload(call: CallApi, arguments: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
    """Announce a file and carry it up; ``{"file_id"}``. Raises what the SDK raises, and OSError."""
    content: bytes = arguments["content"]
    announced = {"filename": arguments["filename"], "length": len(content), "alt_txt": arguments.get("alt_txt")}
    answer = call(UPLOAD, params={key: value for key, value in announced.items() if value is not None})
    where = str(answer["upload_url"])
    request = Request(where, data=content, headers={"Content-Type": "application/octet-stream"})  # noqa: S310
    try:
        with urlopen(request, timeout=timeout_seconds) as response:  # noqa: S310  the address is Slack's own answer
            response.read()
    except HTTPError as error:
        with error:
            raise OSError(f"the bytes of {arguments['filename']} were answered with HTTP {error.code}") from error
    return {"file_id": answer["file_id"]}


def share(call: CallApi, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Make files visible, all of them in one message; Slack's answer. Raises what the SDK raises."""
    where = {"channel_id": arguments["channel"], "thread_ts": arguments.get("thread_ts")}
    asked = {"files": json.dumps(arguments["files"])} | where
    return call(SHARE, params={key: value for key, value in asked.items() if value is not None})


def shared(call: CallApi, arguments: Mapping[str, Any], since: datetime) -> dict[str, Any] | None:
    """What an earlier ``share``, made at ``since`` or later, has led to, as that would have answered.

    None when it did not reach Slack; empty when that cannot be told yet. Raises what the SDK raises.
    """
    try:
        file = call("files.info", http_verb="GET", params={"file": arguments["files"][0]["id"]})["file"]
    except SlackApiError as error:
        if error.response.get("error") == "file_not_found":
            return None
        raise
    if not shares_in(file, arguments["channel"]):
        return {} if datetime.now(UTC) - since < SHARED_WITHIN else None
    return {"files": [file, *arguments["files"][1:]]}


def stray_of(answer: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message of files that were meant for a thread and landed in the channel itself, since its root is gone."""
    channel, thread_ts = arguments["channel"], arguments.get("thread_ts")
    files = answer.get("files") or [{}]
    shares = shares_in(files[0], channel)
    if thread_ts is None or not shares or any(one.get("thread_ts") == thread_ts for one in shares):
        return None
    return {"channel": channel, "ts": shares[-1]["ts"]}


def shares_in(file: Mapping[str, Any], channel: str) -> list[dict[str, Any]]:
    """Where a file stands in a channel: ``ts``, in a thread also ``thread_ts``."""
    kinds = (file.get("shares") or {}).values()
    return [one for places in kinds for one in places.get(channel, ())]
