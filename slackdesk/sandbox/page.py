"""A page under `/sandbox`: choose a person, read what he or she reads, and use what is there. No script runs in it."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from slackdesk.sandbox.browsers import FILE, FOREIGN, PAGE, is_foreign
from slackdesk.sandbox.pageforms import typed_in
from slackdesk.sandbox.pagehtml import desk_page, people_page
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage

if TYPE_CHECKING:
    from slackdesk.sandbox.server import Sandbox

ANSWER_SECONDS = 1.5
"""How long the page waits for the first thing that comes of what was done."""


def routes(sandbox: "Sandbox") -> list[Route]:
    page = _Page(sandbox)
    return [
        Route("/sandbox", _shown(page.people)),
        Route("/sandbox/as/{handle}", _shown(page.screen)),
        Route("/sandbox/as/{handle}", _shown(page.use), methods=["POST"]),
        Route("/sandbox/as/{handle}/files/{ts}/{name:path}", _shown(page.file)),
    ]


def _shown(handle: Callable[[Request, FormData], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Reading and acting may wait, so neither is done on the server's loop."""

    async def endpoint(request: Request) -> Response:
        if is_foreign(request):
            return PlainTextResponse(FOREIGN, 403)
        async with request.form() as form:
            try:
                return await run_in_threadpool(handle, request, form)
            except LookupError as error:
                return PlainTextResponse(str(error), 404)
            except AssertionError as error:
                return PlainTextResponse(str(error), 409)

    return endpoint


class _Page:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def people(self, _request: Request, _form: FormData) -> Response:
        return HTMLResponse(people_page(self._sandbox.workspace), headers=PAGE)

    def screen(self, request: Request, _form: FormData) -> Response:
        """What the person has before the eyes in one place."""
        person = self._person(request)
        return HTMLResponse(desk_page(person, request.query_params.get("in", "dm")), headers=PAGE)

    def use(self, request: Request, form: FormData) -> Response:
        """Do one thing, then show the place; what could not be done is said there."""
        person, place = self._person(request), str(form.get("in", "dm"))
        before, errors = _state(person, place), len(person.errors)
        try:
            self._do(person, place, form)
            trouble = next(iter(person.errors[errors:]), "")
        except AssertionError as error:
            trouble = str(error)
        if trouble:
            return HTMLResponse(desk_page(person, place, trouble), 409, PAGE)
        self._await_change(person, place, before)
        return RedirectResponse(f"/sandbox/as/{quote(person.handle)}?{urlencode({'in': place})}", 303)

    def file(self, request: Request, _form: FormData) -> Response:
        """A file of a message that the person sees."""
        ts, name = request.path_params["ts"], request.path_params["name"]
        for seen in self._person(request).messages():
            if seen.ts == ts and name in seen.files:
                file = seen.file(name)
                kind = file.mimetype if file.mimetype.startswith("image/") else "application/octet-stream"
                return Response(file.content, media_type=kind, headers=FILE)
        raise LookupError(f"there is no file {name!r} that {request.path_params['handle']} sees")

    def _person(self, request: Request) -> Person:
        return self._sandbox.person(request.path_params["handle"])

    def _do(self, person: Person, place: str, form: FormData) -> None:
        if "control" in form:
            self._control(str(form["control"]))
        elif "click" in form:
            label, sends = _pointed_at(str(form["click"]))
            where = _message(person, place, str(form["ts"])) if "ts" in form else "home"
            person.click(label, where, sends=sends, within_seconds=0)
        elif "press" in form:
            label, sends = _pointed_at(str(form["press"]))
            typed_in(person, form)
            person.modal.click(label, sends=sends, within_seconds=0)
        elif "submit" in form:
            typed_in(person, form)
            person.modal.submit()
        elif "close" in form:
            person.modal.close()
        elif "shortcut" in form:
            person.shortcut(str(form["shortcut"]))
        elif "opens_home" in form:
            person.opens_home()
        elif text := str(form.get("text", "")).strip():
            _write(person, place, text, str(form.get("ts", "")))

    def _control(self, label: str) -> None:
        control = self._sandbox.controls.get(label)
        if control is None:
            raise AssertionError(f"there is no {label!r}")
        try:
            control()
        except Exception as error:  # whatever it does, who pressed it is told
            raise AssertionError(f"{label}: {error}") from error

    def _await_change(self, person: Person, place: str, before: Any) -> None:
        try:
            person.wait_for(lambda: _state(person, place) != before or None, ANSWER_SECONDS, str)
        except AssertionError:
            return  # nothing came of it yet, or nothing will; the page can be loaded again


def _write(person: Person, place: str, text: str, ts: str) -> None:
    if ts:
        person.says(text, in_=_message(person, place, ts))
    elif text.startswith("/"):
        person.slash(text, in_=place)
    else:
        person.says(text, in_=place)


def _pointed_at(button: str) -> tuple[str, tuple[str, str]]:
    """Label of a button, and what it sends, as the page has written them."""
    try:
        label, action_id, value = map(str, json.loads(button))
    except (TypeError, ValueError) as error:
        raise AssertionError(f"there is no button {button!r}") from error
    return label, (action_id, value)


def _message(person: Person, place: str, ts: str) -> SeenMessage:
    for seen in person.messages(place):
        if seen.ts == ts:
            return seen
    raise AssertionError("this message is not there any more")


def _state(person: Person, place: str) -> Any:
    """What is compared to find out whether something came of it."""
    stack = [(view.id, view.hash, dict(view.errors)) for view in person.sandbox.views.stack(person.user.id)]
    if place == "home":
        home = person.sandbox.views.home(person.user.id)
        return stack, home and home.hash
    return stack, [(seen.ts, seen.text) for seen in person.messages(place)]
