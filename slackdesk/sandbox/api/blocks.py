"""blocks.validate: the rules alone, without posting anything."""

import re
from typing import Literal

from slackdesk.sandbox.blockkit import message_problems, view_problems
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Json

_PROBLEM = re.compile(r"\[ERROR\] (?P<message>.*) \[json-pointer:(?P<pointer>.*)\]", re.DOTALL)


@method("blocks.validate", token=None)
def blocks_validate(call: Call) -> Json:
    """Exactly one of `blocks`, `message`, `view`.

    Raises `invalid_blocks`, `invalid_message` or `invalid_view`, with `errors` by JSON pointer.
    """
    given = [name for name in ("blocks", "message", "view") if call.args.get(name) is not None]
    if len(given) != 1:
        invalid_argument("provide exactly one of blocks, message, view")
    name = given[0]
    problems = _problems(name, call.args[name])
    call.illegal.extend(problems)
    if problems:
        raise ApiError(f"invalid_{name}", errors=[_error(name, problem) for problem in problems])
    return {}


def _problems(name: str, value: object) -> list[str]:
    if name == "blocks":
        return message_problems({"blocks": value})
    if not isinstance(value, dict):
        invalid_argument(f"must be an object [json-pointer:/{name}]")
    return message_problems(value) if name == "message" else view_problems(value, _kind(value))


def _kind(view: Json) -> Literal["modal", "home"]:
    return "home" if view.get("type") == "home" else "modal"


def _error(name: str, problem: str) -> Json:
    """A problem of given `blocks` is pointed at within the array itself."""
    match = _PROBLEM.fullmatch(problem)
    message, pointer = match.group("message", "pointer") if match else (problem, "")
    if name == "blocks":
        pointer = pointer.removeprefix("/blocks")
    return {"pointer": pointer, "code": "failed_constraint", "message": message}
