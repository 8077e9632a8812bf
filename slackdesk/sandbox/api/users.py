"""users.list, info, lookupByEmail, profile.get."""

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Json, User


def _shown(call: Call, user: User) -> Json:
    with_email = "users:read.email" in call.scopes
    return user.payload(with_email=with_email, with_locale=call.flag("include_locale"))


@method("users.list", scopes=("users:read",))
def list_users(call: Call) -> Json:
    page, metadata = call.page(list(call.workspace.users.values()), default_limit=1000)
    return {
        "members": [_shown(call, user) for user in page],
        "cache_ts": int(float(call.workspace.new_ts())),
    } | metadata


@method("users.info", scopes=("users:read",))
def info(call: Call) -> Json:
    return {"user": _shown(call, call.workspace.user(call.required("user")))}


@method("users.lookupByEmail", scopes=("users:read.email",))
def lookup_by_email(call: Call) -> Json:
    """Raises `users_not_found`, also for a deactivated account."""
    email = call.required("email").casefold()
    for user in call.workspace.users.values():
        if user.email.casefold() == email and not user.deleted and not user.is_bot:
            return {"user": _shown(call, user)}
    raise ApiError("users_not_found")


@method("users.profile.get", scopes=("users.profile:read",))
def profile(call: Call) -> Json:
    user = call.workspace.user(call.text("user") or call.user.id)
    return {"profile": user.profile(with_email="users:read.email" in call.scopes)}
