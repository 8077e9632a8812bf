"""A JSON door under `/sandbox/`, so that people can be played, and things be broken, from a shell.

    POST /sandbox/act {"person": "ayu", "slash": "/ticket my VPN is down", "in": "dm"}
    GET  /sandbox/people/ayu/messages?in=dm
    GET  /sandbox/journal?method=chat.postMessage

A mistake in the request is answered with 400, what the person could not do with 409, what a page of another site sends
with 403, and `error` says why.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from slackdesk.sandbox import faults
from slackdesk.sandbox.browsers import FOREIGN, is_foreign
from slackdesk.sandbox.deeds import DEEDS, BadDeed, perform
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.sandbox.surfaces import Modal, Surface

if TYPE_CHECKING:
    from slackdesk.sandbox.server import Sandbox

MAKE_FAULT: dict[str, Callable[..., faults.Fault]] = {
    "rate_limited": faults.rate_limited,
    "http_500": faults.http_500,
    "slack_error": faults.slack_error,
    "no_answer": faults.no_answer,
    "dropped_before": faults.dropped_before,
    "dropped_after": faults.dropped_after,
    "slow": faults.slow,
}


def routes(sandbox: "Sandbox") -> list[Route]:
    door = _Door(sandbox)
    return [
        Route("/sandbox/act", _answered(door.act), methods=["POST"]),
        Route("/sandbox/people", _answered(door.people)),
        Route("/sandbox/people/{handle}/messages", _answered(door.messages)),
        Route("/sandbox/people/{handle}/screen", _answered(door.screen)),
        Route("/sandbox/journal", _answered(door.journal)),
        Route("/sandbox/faults", _answered(door.inject), methods=["POST"]),
    ]


def _answered(handle: Callable[[Request, Json], Json]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """What people do may take seconds, so it never runs on the server's loop."""

    async def endpoint(request: Request) -> JSONResponse:
        if is_foreign(request):
            return JSONResponse({"ok": False, "error": FOREIGN}, 403)
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise BadDeed("the body must be a JSON object")
            shown, status = await run_in_threadpool(handle, request, body), 200
        except json.JSONDecodeError as error:
            shown, status = {"error": f"the body is not JSON: {error}"}, 400
        except BadDeed as error:
            shown, status = {"error": str(error)}, 400
        except LookupError as error:
            shown, status = {"error": str(error)}, 404
        except AssertionError as error:
            shown, status = {"error": str(error)}, 409
        return JSONResponse({"ok": status == 200} | shown, status)

    return endpoint


class _Door:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def act(self, request: Request, body: Json) -> Json:
        """Let somebody do one thing; the answer holds what he or she has on the screen afterwards."""
        handle = body.pop("person", None)
        if not isinstance(handle, str):
            raise BadDeed(f"name the person, as in {json.dumps({'person': 'ayu', 'says': 'hello', 'in': 'dm'})}")
        person = self._sandbox.person(handle)
        before = len(person.errors)
        answer = perform(person, body)
        return {"answer": answer, "errors": person.errors[before:]} | _screen(person)

    def people(self, request: Request, body: Json) -> Json:
        users = [user for user in self._sandbox.workspace.users.values() if not user.is_bot]
        people = [{"handle": u.name, "name": u.real_name, "title": u.title, "guest": u.is_guest} for u in users]
        return {"people": people, "deeds": sorted(DEEDS)}

    def messages(self, request: Request, body: Json) -> Json:
        person = self._sandbox.person(request.path_params["handle"])
        return {"messages": [_message(seen) for seen in person.messages(request.query_params.get("in"))]}

    def screen(self, request: Request, body: Json) -> Json:
        """The open modal and the Home tab."""
        person = self._sandbox.person(request.path_params["handle"])
        home = self._sandbox.views.home(person.user.id) is not None
        return _screen(person) | {"home": _surface(person.home) if home else None}

    def journal(self, request: Request, body: Json) -> Json:
        """All of it, or the calls of `?method=`, or what was `?illegal=1`."""
        journal, query = self._sandbox.journal, request.query_params
        entries = journal.illegal() if query.get("illegal") else journal.entries
        if method := query.get("method"):
            entries = [entry for entry in entries if isinstance(entry, CallEntry) and entry.method == method]
        return {"entries": json.loads(json.dumps(journal.as_json(entries), default=str))}

    def inject(self, request: Request, body: Json) -> Json:
        """`{"method": "chat.postMessage", "fault": "http_500", "applied": true, "times": 1}`."""
        method, name, times = body.pop("method", "*"), body.pop("fault", None), body.pop("times", 1)
        if name not in MAKE_FAULT:
            raise BadDeed(f"fault is {name!r}; it is one of {', '.join(MAKE_FAULT)}")
        try:
            self._sandbox.faults.inject(method, MAKE_FAULT[name](**body), times=times)
        except (TypeError, ValueError) as error:
            raise BadDeed(f"{name}: {error}") from error
        return {"method": method, "fault": name, "times": times}


def _message(seen: SeenMessage) -> Json:
    shown = ("channel", "ts", "thread_ts", "author", "text", "fallback", "ephemeral", "buttons", "files", "reactions")
    return {name: getattr(seen, name) for name in shown} | {"file_details": [_file(seen, name) for name in seen.files]}


def _file(seen: SeenMessage, name: str) -> Json:
    file = seen.file(name)
    return {
        "name": name,
        "title": file.title,
        "alt_text": file.alt_text,
        "mimetype": file.mimetype,
        "content_base64": base64.b64encode(file.content).decode(),
    }


def _screen(person: Person) -> Json:
    return {"modal": _surface(person.modal) if person.has_modal else None}


def _surface(surface: Surface) -> Json:
    shown: Json = {"text": surface.text, "fields": surface.values, "buttons": surface.buttons}
    if isinstance(surface, Modal):
        shown |= {"title": surface.title, "errors": surface.errors, "trouble": surface.trouble}
    return shown
