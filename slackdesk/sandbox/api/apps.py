"""api.test, auth.test, apps.connections.open, team.info, bots.info."""

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Json


@method("api.test", token=None)
def api_test(call: Call) -> Json:
    if error := call.text("error"):
        raise ApiError(error, args=call.args)
    return {"args": call.args}


@method("auth.test")
def auth_test(call: Call) -> Json:
    workspace = call.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": call.user.name,
        "team_id": workspace.team_id,
        "user_id": call.user.id,
        "bot_id": call.user.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", scopes=("connections:write",), token="app")  # noqa: S106
def apps_connections_open(call: Call) -> Json:
    """A WebSocket URL that is good for one connection."""
    return {"url": call.sandbox.new_socket_url()}


@method("team.info", scopes=("team:read",))
def team_info(call: Call) -> Json:
    workspace = call.workspace
    if call.text("team") not in ("", workspace.team_id):
        raise ApiError("team_not_found")
    domain = workspace.domain
    url = f"https://{domain}.slack.com/"
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": domain, "url": url, "email_domain": ""}}


@method("bots.info", scopes=("users:read",))
def bots_info(call: Call) -> Json:
    app, bot = call.workspace.app, call.workspace.bot
    if call.text("bot", app.bot_id) != app.bot_id:
        raise ApiError("bot_not_found")
    shown = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": bot.id}
    return {"bot": shown | {"updated": bot.updated, "icons": {}}}
