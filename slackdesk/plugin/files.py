"""The files of plugins' messages: kept until they are shared below the message, carried up one by one, shared at once.

A file is known by its name among those of a message. Newer content takes the place of content that has not left.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from slackdesk.dispatch.model import WorkKind
from slackdesk.dispatch.runners import AfterRefusal, Drawing, Later, SlackCall
from slackdesk.plugin import states
from slackdesk.plugin.model import PluginFile, PluginPosting
from slackdesk.plugin.values import File
from slackdesk.slack import uploads
from slackdesk.slack.drawings import places
from slackdesk.tickets.transaction import Transaction

UPLOAD = "plugin_file"
"""Name of the sends that carry one file up."""

SHARE = "plugin_share"
"""Name of the sends that share what was carried up."""

AGAIN_MAX = 3
"""So often files are carried up anew that Slack does not know any more."""

_OF_MESSAGE = ("plugin", "key", "place", "files", "about", "quotes")
"""What the sends of files keep of the payload of their message."""

KEPT = timedelta(days=30)
"""What has not left for so long, in desk time, never will: its message was given up."""


def keep(tx: Transaction, plugin: str, key: str, files: Sequence[File]) -> bool:
    """Keep what is to be sent with the message of that key; whether any of it is new.

    Raises IntegrityError when another transaction keeps the same file at the same time.
    """
    known = {one.name: one for one in tx.session.scalars(select(PluginFile).where(_of(plugin, key)))}
    is_new = False
    for position, file in enumerate(files):
        digest = hashlib.sha256(file.content).hexdigest()
        kept = known.get(file.name)
        if kept is not None and kept.digest == digest:
            continue
        if kept is None:
            kept = PluginFile(plugin=plugin, key=key, name=file.name)
            tx.session.add(kept)
        kept.position, kept.title, kept.alt_text, kept.kept_at = position, file.title, file.alt_text, tx.now
        kept.digest, kept.content, kept.file_id = digest, file.content, None
        is_new = True
    tx.session.flush()
    return is_new


def send(tx: Transaction, payload: Mapping[str, Any], *, again: int = 0) -> None:
    """Have everything leave that waits for a message that is there now; ``payload`` is that of the message."""
    plugin, key, queue = payload["plugin"], payload["key"], payload["files"]
    waiting = select(PluginFile.name, PluginFile.digest).where(_waits(plugin, key)).order_by(PluginFile.position)
    names = tx.session.execute(waiting).all()
    message = {name: payload[name] for name in _OF_MESSAGE if name in payload}
    rows = [(UPLOAD, message | {"name": name, "digest": digest}) for name, digest in names]
    if rows:
        rows.append((SHARE, message | {"again": again}))
    ticket_id = payload["place"][1] if isinstance(payload["place"][1], int) else None
    for name, row in rows:
        tx.add_work(
            WorkKind.SEND,
            name,
            row,
            dedupe_key=f"{name}:{uuid4().hex}",
            queue=queue,
            stream=f"plugin:{plugin}:{key}",
            ticket_id=ticket_id,
        )


def forget(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """What waits for that message, or the one file of it that ``payload`` names, will never leave.

    Of the payload, ``plugin``, ``key`` and maybe ``name`` are needed.
    """
    lost = delete(PluginFile).where(_waits(payload["plugin"], payload["key"]))
    tx.session.execute(lost.where(PluginFile.name == payload["name"]) if "name" in payload else lost)


def trim(session: Session, now: datetime) -> None:
    """A chore of the beat: delete what has waited in vain."""
    session.execute(delete(PluginFile).where(PluginFile.content.is_not(None), PluginFile.kept_at < now - KEPT))


class FileDrawing(Drawing):
    """One file on its way up."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when it is there already, or newer content has taken its place. Raises Later while paused."""
        _require_running(tx, payload["plugin"])
        file = tx.session.get(PluginFile, (payload["plugin"], payload["key"], payload["name"]))
        if file is None or file.digest != payload["digest"] or file.content is None or file.file_id is not None:
            return None
        return SlackCall(uploads.UPLOAD, {"filename": file.name, "alt_txt": file.alt_text, "content": file.content})

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember by what it is shared."""
        this = and_(PluginFile.name == payload["name"], PluginFile.digest == payload["digest"])
        up = update(PluginFile).where(_waits(payload["plugin"], payload["key"]), this)
        tx.session.execute(up.values(file_id=response["file_id"]))


class ShareDrawing(Drawing):
    """All files that are up, below their message."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when there are none. Raises Later while paused."""
        _require_running(tx, payload["plugin"])
        posting = tx.session.get(PluginPosting, (payload["plugin"], payload["key"]))
        up = _waits(payload["plugin"], payload["key"]), PluginFile.file_id.is_not(None)
        found = tx.session.execute(
            select(PluginFile.file_id, PluginFile.title).where(*up).order_by(PluginFile.position)
        ).all()
        if posting is None or not found:
            return None
        files = [{"id": file_id, "title": title} for file_id, title in found]
        thread_ts = posting.thread_ts or posting.ts
        return SlackCall(uploads.SHARE, {"channel": posting.channel, "thread_ts": thread_ts, "files": files})

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Their content is not needed any more, nor what it was called."""
        ids = [file["id"] for file in response["files"]]
        these = update(PluginFile).where(_of(payload["plugin"], payload["key"]), PluginFile.file_id.in_(ids))
        tx.session.execute(these.values(content=None, file_id=None, title="", alt_text=None))

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """What Slack does not know any more is carried up anew; whose message was deleted goes with it."""
        if places.is_one_of(error, places.THREAD_GONE):
            forget(tx, payload)
            return AfterRefusal.ASKED_ANEW
        if places.is_one_of(error, frozenset({"file_not_found"})) and payload["again"] < AGAIN_MAX:
            tx.session.execute(update(PluginFile).where(_of(payload["plugin"], payload["key"])).values(file_id=None))
            send(tx, payload, again=payload["again"] + 1)
            return AfterRefusal.ASKED_ANEW
        return AfterRefusal.GIVE_UP


def _of(plugin: str, key: str) -> ColumnElement[bool]:
    return and_(PluginFile.plugin == plugin, PluginFile.key == key)


def _waits(plugin: str, key: str) -> ColumnElement[bool]:
    return and_(_of(plugin, key), PluginFile.content.is_not(None))


def _require_running(tx: Transaction, plugin: str) -> None:
    if states.stands_still(tx, plugin):
        raise Later(states.STANDSTILL, f"the plugin {plugin} is paused")
