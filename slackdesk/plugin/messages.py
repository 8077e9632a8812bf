"""How messages of plugins leave: posted once for each key, changed when they are said again."""

from typing import Any

from sqlalchemy import delete

from slackdesk.dispatch.runners import AfterRefusal, Drawing, Later, SlackCall
from slackdesk.plugin import files, states, values
from slackdesk.plugin.model import PluginPosting
from slackdesk.slack.drawings import parts, places
from slackdesk.tickets.erasing_work import ERASED
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Transaction


class PluginMessageDrawing(Drawing):
    """A message that a plugin says, in the place that it named."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the tier of an agents' thread is gone. Raises Later while the plugin is paused."""
        if states.stands_still(tx, payload["plugin"]):
            raise Later(states.STANDSTILL, f"the plugin {payload['plugin']} is paused")
        content = {"text": payload["text"], "blocks": payload["blocks"]} if "text" in payload else _erased(tx, payload)
        content["link_names"] = False
        posting = tx.session.get(PluginPosting, (payload["plugin"], payload["key"]))
        if posting is not None:
            return SlackCall("chat.update", content | {"channel": posting.channel, "ts": posting.ts})
        place = _place(tx, payload["place"])
        if place is None:
            files.forget(tx, payload)
            return None
        arguments = content | {"channel": place.channel, "unfurl_links": False, "unfurl_media": False}
        if place.thread_ts is not None:
            arguments["thread_ts"] = place.thread_ts
        return SlackCall("chat.postMessage", arguments)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember where it stands, so that it can be changed, and have its files follow."""
        known = tx.session.get(PluginPosting, (payload["plugin"], payload["key"]))
        if known is None:
            thread_ts = (response.get("message") or {}).get("thread_ts")
            place = {"channel": response["channel"], "ts": response["ts"], "thread_ts": thread_ts}
            tx.session.add(PluginPosting(plugin=payload["plugin"], key=payload["key"], **place))
        if "files" in payload:
            files.send(tx, payload)

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """A message that somebody deleted is posted anew; into a thread that is gone, below a new root or card."""
        known = tx.session.get(PluginPosting, (payload["plugin"], payload["key"]))
        if known is not None:
            if not places.is_one_of(error, places.MESSAGE_GONE):
                return AfterRefusal.GIVE_UP
            tx.session.execute(
                delete(PluginPosting).where(PluginPosting.plugin == known.plugin, PluginPosting.key == known.key)
            )
            tx.session.expunge(known)
            return AfterRefusal.DRAW_AGAIN
        kind, about = payload["place"]
        if kind == values.RequesterThread.__name__ or (
            kind == values.RequesterOnly.__name__ and not _requester_place(tx, about).is_shared
        ):
            return places.forget_root(tx, about, error)
        if kind == values.AgentsThread.__name__:
            return places.say_below_new_card(tx, "plugin_message", payload | {"ticket_id": about}, error)
        return AfterRefusal.GIVE_UP


def _erased(tx: Transaction, payload: dict[str, Any]) -> dict[str, Any]:
    """What is said in its place, when an erasure came first and the plugin has not said it anew."""
    kind, about = payload["place"]
    reader = parts.person_reader(tx, about) if kind == values.DirectMessage.__name__ else parts.channel_reader(tx)
    text = reader.t(ERASED)
    return {"text": text, "blocks": [parts.section(text).to_dict()]}


def _place(tx: Transaction, place: list[Any]) -> places.Place | None:
    kind, about = place
    if kind == values.RequesterThread.__name__:
        return _requester_place(tx, about)
    if kind == values.RequesterOnly.__name__:
        thread = _requester_place(tx, about)
        return places.Place(tx.session.get_one(Ticket, about).requester) if thread.is_shared else thread
    if kind == values.AgentsThread.__name__:
        return places.agents_place(tx, tx.session.get_one(Ticket, about), {})
    return places.Place(about)


def plugin_drawings() -> dict[str, Drawing]:
    """Name of a send → how it is drawn, for everything that plugins say."""
    return {
        "plugin_message": PluginMessageDrawing(),
        files.UPLOAD: files.FileDrawing(),
        files.SHARE: files.ShareDrawing(),
    }


def _requester_place(tx: Transaction, ticket_id: int) -> places.Place:
    return places.requester_place(tx, tx.session.get_one(Ticket, ticket_id))
