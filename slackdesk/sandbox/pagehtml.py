"""How the page looks: HTML from what a person sees. Everything that people wrote is escaped."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from html import escape
from importlib.resources import files
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from slackdesk.sandbox.pageblocks import blocks_html, message_html
from slackdesk.sandbox.pageforms import form_fields, places
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.reading import Control
from slackdesk.sandbox.seen import SeenMessage, clickable
from slackdesk.sandbox.state import Workspace
from slackdesk.sandbox.surfaces import Modal

THREADS = 40
"""Shown of one place, the newest ones."""
STYLE = files("slackdesk.sandbox").joinpath("page.css").read_text("utf-8")


def people_page(workspace: Workspace) -> str:
    """Everybody of the company, to become one of them."""
    rows = "".join(
        f'<p><a href="/sandbox/as/{quote(user.name)}">{escape(user.real_name)}</a> @{escape(user.name)}, '
        f"{escape(user.title)}</p>"
        for user in workspace.users.values()
        if not user.is_bot
    )
    head = f"<h1>{escape(workspace.name)}: who do you want to be?</h1>"
    return _document(
        workspace.name, f"<main>{head}<p>A simulated Slack workspace; times are real time.</p>{rows}</main>"
    )


def desk_page(person: Person, place: str, trouble: str = "") -> str:
    """One place with the eyes of one person, below it where to write."""
    parts = [f"<h1>{escape(_name(person, place))}</h1>"]
    if trouble:
        parts.append(f'<p class="trouble">{escape(trouble)}</p>')
    if person.has_modal:
        parts.append(_modal(person, place))
    writes_next = not trouble and not person.has_modal
    parts += _home(person) if place == "home" else [*_threads(person, place), _composer(place, writes_next)]
    return _document(
        f"{person.handle}: {_name(person, place)}", f"{_navigation(person, place)}<main>{''.join(parts)}</main>"
    )


def _document(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body>{body}</body></html>"
    )


def _name(person: Person, place: str) -> str:
    return person.workspace.bot.real_name if place == "dm" else "Home" if place == "home" else place


def _navigation(person: Person, here: str) -> str:
    links = "".join(
        f'<a href="?{escape(urlencode({"in": place}))}"{" class=here" if place == here else ""}>'
        f"{escape(_name(person, place))}</a>"
        for place in ["home", *places(person)]
    )
    who = f"<b>{escape(person.user.real_name)}</b><small>{escape(person.user.title)}</small>"
    controls = "".join(_button("control", label, label) for label in person.sandbox.controls)
    form = f'<hr><form method="post">{_in(here)}{controls}</form>' if controls else ""
    return f'<nav>{who}<a href="/sandbox">Be somebody else</a><hr>{links}{form}</nav>'


def _threads(person: Person, place: str) -> Iterator[str]:
    threads: dict[str, list[SeenMessage]] = {}
    for seen in person.messages(place):
        threads.setdefault(seen.thread_ts or seen.ts, []).append(seen)
    shown = list(threads.values())[-THREADS:]
    if len(threads) > len(shown):
        yield f"<p><small>{len(threads) - len(shown)} older threads are not shown.</small></p>"
    for root, *replies in shown:
        inside = "".join(_message(person, place, reply) for reply in replies)
        yield _message(person, place, root, inside + _reply_form(place, root))


def _message(person: Person, place: str, seen: SeenMessage, inside: str = "") -> str:
    at = datetime.fromtimestamp(float(seen.ts), ZoneInfo(person.user.tz))
    mark = " · only you see this" if seen.ephemeral else ""
    return (
        f"<article{' class=only' if seen.ephemeral else ''}><b>{escape(seen.author)}</b> "
        f"<small>{at:%H:%M:%S}{mark}</small>{message_html(seen, partial(_buttons, place, seen.ts))}"
        f"{''.join(_files(person, seen))}{inside}</article>"
    )


def _files(person: Person, seen: SeenMessage) -> Iterator[str]:
    for name in seen.files:
        file, address = seen.file(name), f"/sandbox/as/{quote(person.handle)}/files/{seen.ts}/{quote(name, safe='')}"
        if file.mimetype.startswith("image/"):
            yield f'<img src="{address}" alt="{escape(file.alt_text)}">'
        else:
            yield f'<p><a href="{address}" download>{escape(name)}</a></p>'


def _buttons(place: str, ts: str, controls: list[Control]) -> str:
    hidden = f'<input type="hidden" name="ts" value="{escape(ts)}">' if ts else ""
    buttons = _clickable("click", controls)
    return f'<form method="post">{_in(place)}{hidden}{buttons}</form>' if buttons else ""


def _clickable(name: str, controls: list[Control]) -> str:
    """Buttons, and items of overflow menus. There may be several of one label, such as [Open] in a list."""
    clicks = ((label, control.sends) for control in controls for label in clickable([control]))
    return "".join(_button(name, json.dumps([label, *sends]), label) for label, sends in clicks)


def _button(name: str, value: str, label: str) -> str:
    return f'<button name="{name}" value="{escape(value)}">{escape(label)}</button>'


def _reply_form(place: str, root: SeenMessage) -> str:
    if root.ephemeral:
        return ""
    return (
        f'<details><summary><small>Reply in the thread</small></summary><form method="post">{_in(place)}'
        f'<input type="hidden" name="ts" value="{escape(root.ts)}"><input name="text" aria-label="Reply">'
        "<button>Send</button></form></details>"
    )


def _composer(place: str, writes_next: bool) -> str:
    """Below the newest message; where the cursor stands in it, the browser shows that place first.

    No link has a fragment: one to where the browser is already would load nothing.
    """
    focus = " autofocus" if writes_next else ""
    return (
        f'<form method="post">{_in(place)}<label>Write, or type a command such as /ticket my VPN is down'
        f'<input name="text" autocomplete="off"{focus}></label><button class="first">Send</button></form>'
        f' <a href="?{escape(urlencode({"in": place}))}">Look again</a>'
    )


def _home(person: Person) -> Iterator[str]:
    yield f'<form method="post">{_in("home")}<button name="opens_home" value="1">Open the Home tab</button></form>'
    if person.sandbox.views.home(person.user.id) is not None:
        yield blocks_html(person.home.blocks, person.eyes.names, partial(_buttons, "home", ""))


def _modal(person: Person, place: str) -> str:
    modal: Modal = person.modal
    submit = modal.submit_label
    first = f'<button class="first" name="submit" value="1">{escape(submit)}</button>' if submit else ""
    texts = [block for block in modal.blocks if block["type"] != "input"]  # a label is with its field
    read = blocks_html(texts, person.eyes.names, lambda _: "")
    errors = "\n".join(f"{label}: {text}" for label, text in modal.errors.items())
    return (
        f"<dialog open><h1>{escape(modal.title)}</h1>"
        f'<p class="trouble">{escape(errors)}</p>{read}'
        f'<form method="post">{_in(place)}{"".join(form_fields(person, modal))}{first}'
        f"{_button('close', '1', 'Close')}{_clickable('press', modal.controls)}</form></dialog>"
    )


def _in(place: str) -> str:
    return f'<input type="hidden" name="in" value="{escape(place)}">'
