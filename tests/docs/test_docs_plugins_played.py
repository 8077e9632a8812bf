"""The tutorial of docs/plugins.md, played line by line as an author copies it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_SECONDS = 60.0


@contextmanager
def _terminal(folder: Path, *lines: str) -> Iterator[Path]:
    """A shell that runs lines until the end of the block; yields the file with what it has printed."""
    printed = folder.parent / f"{len(list(folder.parent.glob('*.log')))}.log"
    with printed.open("wb") as log:
        shell = subprocess.Popen(
            ["bash", "-euc", "\n".join(lines)],
            env=_surroundings(),
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield printed
    finally:
        os.killpg(shell.pid, signal.SIGINT)  # Ctrl-C
        shell.wait(timeout=PATIENCE_SECONDS)


def _surroundings() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/")}


def _shell(folder: Path, line: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        env=_surroundings(),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _eventually(look: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.documented(
    "slackdesk plugins new coffee",
    "slackdesk plugins check plugins/coffee",
    "pytest plugins/coffee",
    """slackdesk policy example | sed 's/^plugin_dirs = .*/plugin_dirs = ["plugins"]/' > slackdesk.toml""",
    "slackdesk sandbox --port 8765 | tee sandbox.txt",
    "export $(head -n 3 sandbox.txt)",
    "slackdesk run",
    """curl -d '{"person": "maya", "slash": "/ticket My VPN is down"}' http://127.0.0.1:8765/sandbox/act""",
    """curl -d '{"person": "rina", "click": "How old is it?", "in": "#it-l1"}' http://127.0.0.1:8765/sandbox/act""",
    "curl 'http://127.0.0.1:8765/sandbox/people/rina/messages?in=%23it-l1'",
)
def test_docs_plugins_tutorial_leads_to_a_button_on_a_card(documented_lines: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "author"
    folder.mkdir()
    port = _free_port()
    new, check, test, policy, sandbox, export, run, files, clicks, looks = (
        line.replace("8765", port).replace("curl ", "curl -fsS ") for line in documented_lines
    )
    assert "plugins/coffee/__init__.py" in _shell(folder, new)
    assert "coffee: nothing is wrong." in _shell(folder, check)
    assert "3 passed" in _shell(folder, f"{test} -p no:cacheprovider")
    _shell(folder, policy)
    with _terminal(folder, sandbox) as workspace, _terminal_when_ready(folder, workspace, export, run) as desk:
        _eventually(lambda: "connected over Socket Mode" in desk.read_text(), desk.read_text)
        assert re.search(r"^Plugins: coffee, csat, digest\.$", desk.read_text(), re.MULTILINE), desk.read_text()
        assert "IT-1" in _shell(folder, files)
        assert json.loads(_shell(folder, clicks))["errors"] == []
        _eventually(lambda: "IT-1 was filed" in _shell(folder, looks), lambda: _shell(folder, looks))


@contextmanager
def _terminal_when_ready(folder: Path, workspace: Path, *lines: str) -> Iterator[Path]:
    _eventually(lambda: "SLACK_SIGNING_SECRET" in workspace.read_text(), workspace.read_text)
    with _terminal(folder, *lines) as printed:
        yield printed
