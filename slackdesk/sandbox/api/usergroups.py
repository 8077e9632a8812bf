"""usergroups.list and usergroups.users.list."""

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Json


@method("usergroups.list", scopes=("usergroups:read",))
def list_usergroups(call: Call) -> Json:
    with_users, with_disabled = call.flag("include_users"), call.flag("include_disabled")
    groups = [group for group in call.workspace.usergroups.values() if with_disabled or not group.is_disabled]
    return {"usergroups": [group.payload(with_users=with_users) for group in groups]}


@method("usergroups.users.list", scopes=("usergroups:read",))
def list_members(call: Call) -> Json:
    group = call.workspace.usergroups.get(call.required("usergroup"))
    if group is None or (group.is_disabled and not call.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}
