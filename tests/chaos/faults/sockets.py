"""Socket Mode: Slack asks the app to reconnect, or its socket breaks."""

from random import Random

from ..world import World
from .kinds import End
from .named import Named, once

OPEN = "apps.connections.open"


def _disconnect(reason: str | None) -> Named:
    def act(world: World, random: Random, name: str) -> End:
        opened = len(world.journal.calls(OPEN, outcome="ok"))
        sockets = world.sandbox.delivery.sockets
        had_socket = sockets.connection_count > 0
        if reason is None:
            world.sandbox.faults.drop_sockets()
        else:
            world.sandbox.faults.disconnect_sockets(reason)

        def end() -> None:
            def is_back() -> bool:
                return len(world.journal.calls(OPEN, outcome="ok")) > opened and sockets.connection_count > 0

            world.eventually(is_back, "the app has opened another socket")
            if had_socket:
                world.observed(name)

        return once(end)

    return Named(f"socket: {reason or 'dropped'}", act, frozenset({"socket"}))


KINDS = tuple(_disconnect(reason) for reason in ("warning", "refresh_requested", "link_disabled", None))
