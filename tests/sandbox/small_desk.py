"""A help desk of three listeners, for what only needs something to use: a command, a card to claim, a form to file."""

from collections.abc import Sequence
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str, **more: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": plain(label)} | more


def field(block_id: str, label: str, element: Block, **more: Any) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element | {"action_id": "it"},
    } | more


def form(blocks: Sequence[Block]) -> Block:
    titles = {"title": plain("New request"), "submit": plain("File")}
    return {"type": "modal", "callback_id": "file", "blocks": list(blocks)} | titles


CLAIM = [
    {"type": "section", "text": plain("IT-1 My VPN is down")},
    {"type": "actions", "elements": [button("Claim", "claim")]},
]
NEED = field("need", "What do you need?", {"type": "plain_text_input", "multiline": True})


def listen(app: App, blocks: Sequence[Block], filed: list[dict[str, Block]]) -> None:
    """`/ticket` alone opens a form of these blocks; what it holds when it is sent is added to `filed`.

    Whoever only needs "help" is to say more.
    """

    @app.command("/ticket")
    def file(ack: Any, body: Block, client: WebClient) -> None:
        if not body.get("text"):
            client.views_open(trigger_id=body["trigger_id"], view=form(blocks))
            ack()
            return
        client.chat_postMessage(channel=body["user_id"], text="IT-1 My VPN is down", blocks=CLAIM)
        ack("Filed as IT-1")

    @app.action("claim")
    def claim(ack: Any, body: Block, client: WebClient) -> None:
        client.chat_update(channel=body["channel"]["id"], ts=body["container"]["message_ts"], text="Claimed")
        ack()

    @app.view("file")
    def submitted(ack: Any, view: Block) -> None:
        values = {block_id: value["it"] for block_id, value in view["state"]["values"].items() if "it" in value}
        if values["need"]["value"] == "help":
            ack(response_action="errors", errors={"need": "Say a bit more"})
            return
        filed.append(values)
        ack()
