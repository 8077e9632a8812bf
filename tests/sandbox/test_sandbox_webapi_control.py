"""Playing people and breaking things from a shell: the JSON door under /sandbox/."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from slackdesk.cli.sandbox import sandbox as sandbox_command
from slackdesk.errors import SlackdeskError
from slackdesk.sandbox import Sandbox

from .small_desk import NEED, listen


@pytest.fixture(scope="module")
def door(connect_bolt: Callable[..., Sandbox]) -> str:
    return f"{connect_bolt(lambda app: listen(app, [NEED], []), 'http', rate_scale=1000).base_url}/sandbox"


def ask(url: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(url, data, timeout=20) as response:  # noqa: S310
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def act(door: str, **deed: Any) -> dict[str, Any]:
    status, answer = ask(f"{door}/act", {"in" if key == "in_" else key: value for key, value in deed.items()})
    assert status == 200, answer
    return answer


def texts(door: str, handle: str, place: str) -> list[str]:
    return [message["text"] for message in ask(f"{door}/people/{handle}/messages?in={place}")[1]["messages"]]


def test_a_command_is_sent_and_its_button_clicked(door: str) -> None:
    answer = act(door, person="ayu", slash="/ticket my VPN is down")
    assert answer["answer"]["text"] == "Filed as IT-1"
    assert any("IT-1" in text for text in texts(door, "ayu", "dm"))
    act(door, person="ayu", click="Claim", in_="IT-1 My VPN")
    assert "Claimed" in texts(door, "ayu", "dm")


def test_a_modal_is_filled_and_its_errors_are_read(door: str) -> None:
    opened = act(door, person="budi", slash="/ticket")["modal"]
    assert opened["title"] == "New request"
    filled = act(door, person="budi", fill={"What do you need?": "help"})["modal"]
    assert filled["fields"] == {"What do you need?": "help"}
    refused = act(door, person="budi", submit=True)["modal"]
    assert refused["errors"] == {"What do you need?": "Say a bit more"}
    assert act(door, person="budi", close=True)["modal"] is None


def test_people_talk_react_and_drop_files(door: str) -> None:
    act(door, person="citra", says="The printer is on fire", in_="#help-it")
    act(door, person="dimas", says="Seen", in_="The printer")
    act(door, person="dimas", reacts="fire", in_="The printer")
    act(door, person="citra", uploads="photo.txt", content="flames", in_="#help-it")
    act(door, person="citra", edits="The printer is fine", in_="The printer")
    messages = ask(f"{door}/people/citra/messages?in=%23help-it")[1]["messages"]
    root = next(message for message in messages if message["text"].startswith("The printer"))
    assert root["text"].startswith("The printer is fine")
    assert root["reactions"] == {"fire": ["dimas"]}
    assert [m["author"] for m in messages if m["thread_ts"] == root["ts"] and m["ts"] != root["ts"]] == ["dimas"]
    assert messages[-1]["files"] == ["photo.txt"]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"says": "x"}, 400, "name the person"),
        ({"person": "ayu"}, 400, "name exactly one deed"),
        ({"person": "ayu", "says": "x", "click": "y"}, 400, "click and says"),
        ({"person": "ayu", "says": 7}, 400, "'says' must be a text, not 7"),
        ({"person": "nobody", "says": "x"}, 404, "nobody here is called 'nobody'"),
        ({"person": "ayu", "says": "x", "in": "#it-l1"}, 409, "ayu does not see #it-l1"),
        (["person"], 400, "must be a JSON object"),
    ],
)
def test_mistakes_are_named(body: Any, status: int, error: str, door: str) -> None:
    got_status, answer = ask(f"{door}/act", body)
    assert (got_status, answer["ok"]) == (status, False)
    assert error in answer["error"]


def test_the_journal_is_read_by_method(door: str) -> None:
    act(door, person="eka", slash="/ticket again")
    entries = ask(f"{door}/journal?method=chat.postMessage")[1]["entries"]
    assert entries
    assert {entry["method"] for entry in entries} == {"chat.postMessage"}
    acts = [entry for entry in ask(f"{door}/journal")[1]["entries"] if entry["entry"] == "act"]
    assert "eka" in {entry["person"] for entry in acts}
    assert ask(f"{door}/journal?illegal=1")[1]["entries"] == []


def test_a_fault_is_injected_and_felt(door: str) -> None:
    assert (
        ask(f"{door}/faults", {"method": "chat.postMessage", "fault": "slack_error", "code": "fatal_error"})[0] == 200
    )
    assert act(door, person="farhan", slash="/ticket x")["errors"] == ["slash: dispatch_failed"]
    status, answer = ask(f"{door}/faults", {"fault": "meteor"})
    assert (status, "rate_limited" in answer["error"]) == (400, True)
    assert ask(f"{door}/faults", {"fault": "slow"})[0] == 400


def test_the_command_prints_how_to_connect_and_ends_when_told() -> None:
    script = "import typer; from slackdesk.cli.sandbox import sandbox; typer.run(sandbox)"
    command = [sys.executable, "-W", "error", "-c", script, "--port", "0"]
    environment = os.environ | {"COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        printed: dict[str, str] = {}
        for line in process.stdout:
            name, _, value = line.strip().partition("=")
            printed[name] = value
            if "lukas" in line:
                break
        client = WebClient(printed["SLACK_BOT_TOKEN"], base_url=printed["SLACK_API_URL"])
        assert client.auth_test()["user"] == "slackdesk"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_the_command_says_what_is_wrong_with_its_options(door: str, tmp_path: Path) -> None:
    taken = int(urlsplit(door).port or 0)
    with pytest.raises(SlackdeskError, match=rf"--port {taken}: cannot listen on 127.0.0.1:{taken}: Address already"):
        sandbox_command(port=taken)
    with pytest.raises(SlackdeskError, match=r"--manifest .*nowhere.yml: No such file"):
        sandbox_command(port=0, manifest=tmp_path / "nowhere.yml")
    broken = tmp_path / "broken.yml"
    broken.write_text("display_information: {}\n")
    with pytest.raises(SlackdeskError, match=r"(?s)--manifest .*broken.yml: .*name"):
        sandbox_command(port=0, manifest=broken)
    with pytest.raises(SlackdeskError, match="--http: the request URL must look like"):
        sandbox_command(port=0, http="ftp://elsewhere")
