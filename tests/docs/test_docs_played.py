"""The commands of the documentation, played line by line as a person copies them."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SANDBOX_PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text("utf-8")

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs lines in a shell in which `slackdesk` is on the PATH, and nothing of ours is in the environment."""

    def run(*lines: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-euc", "\n".join(lines)],
            env=_surroundings() | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def _surroundings() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _access(sandbox: Sandbox) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": sandbox.bot_token, "SLACK_API_URL": sandbox.api_url}


@pytest.mark.documented(
    "export SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-…",
    "slackdesk policy check",
    "slackdesk run",
)
def test_docs_a_real_workspace_in_ten_minutes(documented_lines: tuple[str, ...], shell: Shell, tmp_path: Path) -> None:
    steps = README.split("## Connect a real workspace")[1].split("\n## ")[0]
    first, policy, request = (
        next(span for span in re.findall(r"`([^`\n]+)`", steps) if span.startswith(beginning))
        for beginning in ("slackdesk manifest", "slackdesk policy example >", "/ticket")
    )
    manifest = yaml.safe_load(shell(first).stdout)
    with Sandbox(manifest=manifest, rate_scale=20) as sandbox, ExitStack() as stack:
        assert shell(policy).returncode == 0
        export = documented_lines[0].replace("xoxb-…", sandbox.bot_token).replace("xapp-…", sandbox.app_token)
        script = "\n".join([export, *documented_lines[1:]])
        terminal = subprocess.Popen(
            ["bash", "-euc", script],
            env=_surroundings() | {"SLACK_API_URL": sandbox.api_url},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        stack.callback(terminal.kill)
        deadline = time.monotonic() + 60
        while sandbox.delivery.sockets.connection_count == 0:
            assert terminal.poll() is None, terminal.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        answer = sandbox.person("maya").slash(request).text
        assert "IT-1" in answer
        assert "answer by" in answer
        sandbox.person("rina").sees(request.removeprefix("/ticket "), in_="#it-l1")
        os.killpg(terminal.pid, signal.SIGINT)  # Ctrl-C
        output, _ = terminal.communicate(timeout=60)
        assert sandbox.journal.illegal() == []
    assert terminal.returncode == 0, output
    assert "every name in it is known to Slack" in output
    assert "Policy version 1 is in force." in output
    assert output.splitlines()[-1] == "The desk has ended."


@pytest.mark.documented(
    "slackdesk policy example > slackdesk.toml    # an example to start from",
    "slackdesk policy check                       # everything that is wrong with it, at once",
    "slackdesk policy diff                        # what would change",
    "slackdesk policy apply                       # put it in force, all of it or nothing",
    "slackdesk policy replay new.toml --days 90   # what it would have made of the tickets of the last 90 days",
)
def test_docs_policy_from_example_to_force(documented_lines: tuple[str, ...], shell: Shell, tmp_path: Path) -> None:
    assert shell("slackdesk migrate").returncode == 0
    with Sandbox(rate_scale=100) as sandbox:
        outputs = []
        for line in documented_lines:
            done = shell(line, **_access(sandbox))
            assert done.returncode == 0, done.stderr
            outputs.append(done.stdout)
            (tmp_path / "new.toml").write_text((tmp_path / "slackdesk.toml").read_text())
    assert outputs[0] == ""
    assert "every name in it is known to Slack" in outputs[1]
    assert "In force: no policy yet. Keys that differ:" in outputs[2]
    assert "Version 1 is in force." in outputs[3]
    assert "0 tickets of the last 90 days" in outputs[4]


@pytest.mark.documented("slackdesk manifest --http https://desk.example.com")
def test_docs_manifest_of_http_mode(documented_lines: tuple[str, ...], shell: Shell) -> None:
    manifest = yaml.safe_load(shell(*documented_lines).stdout)
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["interactivity"]["request_url"] == "https://desk.example.com/slack/events"
    with Sandbox(manifest=manifest):
        pass  # taken as it is


@pytest.mark.documented(
    "slackdesk sandbox --port 8765 --manifest manifest.yml",
    "door=http://127.0.0.1:8765/sandbox",
    """curl -d '{"person": "ayu", "slash": "/lunch nasi goreng"}' $door/act""",
    """curl -d '{"person": "ayu", "says": "Is it ready?", "in": "#help-it"}' $door/act""",
    "curl $door/people/ayu/messages",
    "curl $door/people/ayu/screen",
    """curl "$door/journal?illegal=1\"""",
    """curl -d '{"method": "chat.postMessage", "fault": "http_500", "applied": true}' $door/faults""",
)
def test_docs_an_app_is_tried_from_the_shell(
    documented_lines: tuple[str, ...], shell: Shell, background: Any, tmp_path: Path
) -> None:
    example = re.search(r"^manifest = (\{.*?^\})", SANDBOX_PAGE, re.MULTILINE | re.DOTALL)
    assert example is not None
    (tmp_path / "manifest.yml").write_text(example.group(1))  # a dictionary in Python's spelling is YAML as well
    port = str(_free_port())
    start, *acts = (line.replace("8765", port) for line in documented_lines)
    workspace = background(*shlex.split(start)[1:])
    workspace.says("SLACK_APP_TOKEN=xapp-")
    said = dict(re.findall(r"^(SLACK_\w+)=(\S+)$", workspace.output, re.MULTILINE))
    app = App(client=WebClient(said["SLACK_BOT_TOKEN"], base_url=said["SLACK_API_URL"]))
    app.command("/lunch")(lambda ack: ack("Ordered."))
    handler = SocketModeHandler(app, said["SLACK_APP_TOKEN"])
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        done = shell("set -x", *(re.sub("^curl", "curl -fsS", act) for act in acts))
    finally:
        handler.close()  # type: ignore[no-untyped-call]
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Ordered." in done.stdout
    assert "Is it ready?" in done.stdout
    assert workspace.end() == 0
