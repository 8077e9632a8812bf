"""blocks.validate: the rules alone, without posting anything."""

from slackdesk.sandbox.blockkit import message_problems, view_problems
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Json


@method("blocks.validate", token=None)
def blocks_validate(call: Call) -> Json:
    """Exactly one of `blocks`, `message`, `view`."""
    given = [name for name in ("blocks", "message", "view") if call.args.get(name) is not None]
    if len(given) != 1:
        invalid_argument("provide exactly one of blocks, message, view")
    value = call.args[given[0]]
    if given[0] == "blocks":
        problems = message_problems({"blocks": value})
    elif not isinstance(value, dict):
        invalid_argument(f"must be an object [json-pointer:/{given[0]}]")
    elif given[0] == "message":
        problems = message_problems(value)
    else:
        problems = view_problems(value, "home" if value.get("type") == "home" else "modal")
    call.refuse_illegal(problems)
    return {}
