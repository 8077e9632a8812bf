"""views.open, views.push, views.update, views.publish. No scope is needed."""

from collections.abc import Callable

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.views import View


@method("views.open")
def views_open(call: Call) -> Json:
    trigger_id, content = call.required("trigger_id"), _content(call)
    return _shown(call, lambda: call.sandbox.views.open(trigger_id, content))


@method("views.push")
def views_push(call: Call) -> Json:
    trigger_id, content = call.required("trigger_id"), _content(call)
    return _shown(call, lambda: call.sandbox.views.push(trigger_id, content))


@method("views.update")
def views_update(call: Call) -> Json:
    view_id, external_id, content = call.text("view_id"), call.text("external_id"), _content(call)
    if not view_id and not external_id:
        invalid_argument("missing required field: view_id or external_id")
    view = call.sandbox.views.find(view_id=view_id, external_id=external_id)
    return _shown(call, lambda: call.sandbox.views.update(view, content, call.text("hash")))


@method("views.publish")
def views_publish(call: Call) -> Json:
    manifest = call.sandbox.manifest
    if manifest is not None and not manifest.home_tab:
        raise ApiError("not_enabled")
    user_id, content = call.required("user_id"), _content(call)
    return _shown(call, lambda: call.sandbox.views.publish(user_id, content, call.text("hash")))


def _content(call: Call) -> Json:
    view = call.args.get("view")
    if not isinstance(view, dict):
        invalid_argument("must be an object [json-pointer:/view]")
    return view


def _shown(call: Call, act: Callable[[], View]) -> Json:
    try:
        view = act()
    except ApiError as error:
        call.illegal.extend(error.extra.get("response_metadata", {}).get("messages", ()))
        raise
    return {"view": call.sandbox.views.payload(view)}
