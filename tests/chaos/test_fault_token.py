"""The bot's token is refused: operators read it in the log, everything waits, and leaves when a new one is there."""

import json
import secrets
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackdesk.sandbox import faults

from ..servers import free_port
from .short_day import ShortDay, at_rest, dead_work, file, held_work, until
from .world import World


@pytest.fixture(params=["socket"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    environment = {"SLACKDESK_HEALTH_PORT": str(free_port())}
    with World(tmp_path / "world", beside=(), transport=request.param, environment=environment) as world:
        yield world
        assert dead_work(world) == []


@pytest.mark.parametrize("world", ["http"], indirect=True)
def test_fault_revoked_token_holds_all_until_a_new_one_is_there(world: World) -> None:
    assert file(world, "maya", "Before the token was revoked")
    world.stage.person("rina").sees("Before the token was revoked", in_="#it-l1")
    at_rest(world)
    world.sandbox.install.bot_token = f"xoxb-{secrets.token_hex(12)}"
    texts = [f"While it was revoked, {number}" for number in range(4)]
    for text in texts:
        assert file(world, "maya", text), "requests are accepted as ever"
    until(world, lambda: len(held_work(world)) >= 2 * len(texts), "cards and threads wait")
    log = world.stage.log.read_text()
    assert log.count("SLACK_BOT_TOKEN = 'xoxb-…': Slack answers invalid_auth; write the Bot User OAuth Token") == 1
    refused = len(world.journal.calls("chat.postMessage", outcome="invalid_auth"))
    assert refused < len(held_work(world)), "not every message has to ask"
    assert healthz(world)["blocked"] == {"token": "invalid_auth"}

    assert world.stage.stop_desk() == 0
    world.stage.start_desk()  # with the token that is valid now
    rina = world.stage.person("rina")
    for text in texts:
        until(world, lambda text=text: [seen for seen in rina.messages("#it-l1") if text in seen.text], f"{text} comes")
    at_rest(world)
    assert healthz(world)["blocked"] == {}
    seen = [message.text for message in rina.messages("#it-l1")]
    assert [next((t for t in texts if t in one), None) for one in seen if "While it was" in one] == texts
    for text in texts:
        assert len([one for one in world.stage.person("maya").messages("dm") if text in one.text]) == 1


def test_fault_token_that_works_again_needs_no_restart(world: World) -> None:
    for code in ("token_revoked", "account_inactive"):
        day = ShortDay(world, code)

        def meanwhile(code: str = code) -> None:
            refused = world.inject(code, "chat.postMessage", faults.slack_error(code), times=None)
            until(world, lambda: refused.fired >= 2, "it was refused, and tried again")
            assert f"Slack answers {code}" in world.stage.log.read_text()
            refused.remove()

        day.run(meanwhile)
        day.assert_whole()


def healthz(world: World) -> dict[str, object]:
    """What `/healthz` says on the health port."""
    port = world.stage.environment["SLACKDESK_HEALTH_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as response:
        found: dict[str, object] = json.load(response)
        return found
