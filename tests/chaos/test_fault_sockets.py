"""Socket Mode breaks while something is under way: Slack delivers it again, and it is taken once."""

import signal
from collections.abc import Iterator

import pytest

from .short_day import at_rest, file, freeze, until
from .world import World

pytestmark = pytest.mark.xdist_group("fault-sockets")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), beside=()) as world:
        yield world


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "link_disabled", None])
def test_fault_socket_ends_with_deliveries_under_way(world: World, reason: str | None) -> None:
    text = f"The heating hisses: {reason}"
    assert file(world, "maya", text)
    root = world.stage.person("maya").sees(text, in_="dm")
    card = world.stage.person("rina").sees(text, in_="#it-l1")
    at_rest(world)
    app, sockets = world.processes("app")[0], world.sandbox.delivery.sockets
    opened = len(world.journal.calls("apps.connections.open"))
    freeze(world, app)  # what is delivered now is read later, if the socket is still there
    words = [f"It hisses, {reason} {number}" for number in range(5)]
    for word in words:
        world.stage.person("maya").says(word, in_=root)
    if reason is None:
        world.sandbox.faults.drop_sockets()
    else:
        world.sandbox.faults.disconnect_sockets(reason)
    world.signal(app, signal.SIGCONT)
    until(world, lambda: len(world.journal.calls("apps.connections.open")) > opened, "another socket is opened")
    until(world, lambda: sockets.connection_count > 0, "it is there")
    rina = world.stage.person("rina")

    def copies() -> list[str]:
        below = [seen.text for seen in rina.messages(card)[1:]]
        return sorted(word for word in words for text in below if text.endswith(word))

    until(world, lambda: len(copies()) >= len(words), "every word is below the card")
    at_rest(world)
    assert copies() == words
    if reason is None:
        again = [e for e in world.journal.deliveries("events_api") if e.attempt > 0 and words[0] in str(e.payload)]
        assert again, "nothing had to be delivered again"
