"""Whatever was played on the shared desk: nothing that Slack forbids was sent, everything was acknowledged in time."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.demo.milestones import broken_rules
from slackdesk.demo.stage import Stage
from slackdesk.sandbox import Sandbox, faults


@pytest.fixture(scope="session", autouse=True)
def nothing_breaks_the_rules(stage: Stage) -> Iterator[None]:
    """Judged when the last test of this process is over, while the desk still runs."""
    yield
    assert list(broken_rules(stage.sandbox.journal)) == []


def test_a_desk_that_answers_breaks_no_rule(stage: Stage) -> None:
    assert "/ticket mine" in stage.person("maya").slash("/ticket help").text
    assert stage.sandbox.journal.deliveries("slash_commands")
    assert list(broken_rules(stage.sandbox.journal)) == []


def test_every_kind_of_breach_is_named() -> None:
    with Sandbox() as sandbox:
        client = WebClient(sandbox.bot_token, sandbox.api_url, retry_handlers=[])
        channel = sandbox.workspace.channel_id("it-l1")
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel=channel, text="x", blocks=[{"type": "actions", "elements": []}])
        client.api_call("chat.postMessage", json={"channel": channel, "blocks": [{"type": "divider"}]})
        sandbox.faults.inject("chat.postMessage", faults.rate_limited(30), times=1)
        for _ in range(2):
            with pytest.raises(SlackApiError):
                client.chat_postMessage(channel=channel, text="x")
        assert sandbox.person("rina").slash("/ticket nobody listens").error
        found = "\n".join(broken_rules(sandbox.journal))
    for breach in ("illegal: ", "without fallback text", "inside a Retry-After", "was not acknowledged in time"):
        assert breach in found
