"""Who there is in a workspace: the app, people, user groups; ids, time and events."""

import threading
import time
from collections.abc import Callable, Iterable

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import App, Channel, Install, Json, User, UserGroup

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

EventListener = Callable[[Json, Channel | None], None]


class Directory:
    """Holds the records. Every primitive takes `lock`, emits Slack's events and notifies `changed`.

    `on_event` listeners get `(event, conversation)`; the conversation is None for what concerns the whole workspace.
    They are called in order, under the lock, so they must only take note and return.
    """

    def __init__(self, name: str = "Acme", domain: str = "acme", app_name: str = "slackdesk") -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.on_event: list[EventListener] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, UserGroup] = {}
        self.name = name
        self.domain = domain
        self.base_url = "https://not-running.invalid"
        """Where files and responses go; set by the server when it starts."""
        self._last_id = 0
        self._last_ts_microseconds = 0
        self.team_id = self.new_id("T")
        app_id, bot_id = self.new_id("A"), self.new_id("B")
        self.bot = self.add_user(app_name, app_name, is_bot=True, bot_id=bot_id, app_id=app_id)
        self.app = App(app_id, app_name, self.bot.id, bot_id)
        self.install: Install | None = None

    # Ids, time, events

    def new_id(self, prefix: str) -> str:
        """An id that looks like Slack's; the same sequence in every workspace built the same way."""
        with self.lock:
            self._last_id += 1
            scattered = self._last_id * 1_103_515_245_887 % 36**8
        digits = ""
        for _ in range(8):
            scattered, digit = divmod(scattered, 36)
            digits = _DIGITS[digit] + digits
        return f"{prefix}0{digits}"

    def new_ts(self) -> str:
        with self.lock:
            self._last_ts_microseconds = max(self._last_ts_microseconds + 1, time.time_ns() // 1000)
            seconds, microseconds = divmod(self._last_ts_microseconds, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    def emit(self, event: Json, audience: Channel | None) -> None:
        """Tell the listeners; `audience` is the conversation whose members may know of it, None the whole workspace."""
        event.setdefault("event_ts", self.new_ts())
        for listener in self.on_event:
            listener(event, audience)
        self.changed.notify_all()

    # People

    def add_user(self, handle: str, real_name: str, **details: object) -> User:
        """`details` are `User` fields. Emits `team_join`."""
        with self.lock:
            if any(user.name == handle for user in self.users.values()):
                raise ValueError(f"there already is a user with the handle {handle!r}")
            user = User(self.new_id("U"), handle, real_name, self.team_id, updated=int(time.time()))
            self._change(user, details)
            self.users[user.id] = user
            self.emit({"type": "team_join", "user": user.payload()}, None)
            return user

    def update_user(self, user_id: str, **details: object) -> User:
        """`details` are `User` fields, such as `deleted=True`. Emits `user_change`."""
        with self.lock:
            user = self.user(user_id)
            self._change(user, details)
            user.updated = int(time.time())
            self.emit({"type": "user_change", "user": user.payload(with_locale=True)}, None)
            return user

    @staticmethod
    def _change(user: User, details: dict[str, object]) -> None:
        for key, value in details.items():
            if not hasattr(user, key):
                raise TypeError(f"User has no field {key!r}")
            setattr(user, key, value)

    def user(self, user_id: str) -> User:
        """Raises `user_not_found`."""
        user = self.users.get(user_id)
        if user is None:
            raise ApiError("user_not_found")
        return user

    def user_by_handle(self, handle: str) -> User:
        """Raises LookupError that lists the handles there are."""
        for user in self.users.values():
            if user.name == handle.removeprefix("@"):
                return user
        handles = ", ".join(sorted(user.name for user in self.users.values()))
        raise LookupError(f"nobody here is called {handle!r}; there are {handles}")

    # User groups

    def add_usergroup(self, handle: str, name: str, members: Iterable[User] = (), description: str = "") -> UserGroup:
        """Emits `subteam_created`."""
        with self.lock:
            group = UserGroup(self.new_id("S"), handle.removeprefix("@"), name, self.team_id, description=description)
            group.users = [member.id for member in members]
            group.date_update = int(time.time())
            self.usergroups[group.id] = group
            self.emit({"type": "subteam_created", "subteam": group.payload()}, None)
            return group

    def set_usergroup_members(self, usergroup_id: str, members: Iterable[User]) -> None:
        """Raises `no_such_subteam`. Emits `subteam_members_changed` and `subteam_updated`."""
        with self.lock:
            group = self.usergroups.get(usergroup_id)
            if group is None:
                raise ApiError("no_such_subteam")
            before, after = list(group.users), [member.id for member in members]
            previous_update, group.date_update, group.users = group.date_update, int(time.time()), after
            added, removed = [u for u in after if u not in before], [u for u in before if u not in after]
            event: Json = {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": self.team_id,
                "date_previous_update": previous_update,
                "date_update": group.date_update,
                "added_users": added,
                "added_users_count": len(added),
                "removed_users": removed,
                "removed_users_count": len(removed),
            }
            self.emit(event, None)
            self.emit({"type": "subteam_updated", "subteam": group.payload()}, None)
