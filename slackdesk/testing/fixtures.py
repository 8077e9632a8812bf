"""Fixtures of pytest for tests of plugins; found by the entry point group ``pytest11`` wherever slackdesk is installed.

What they need is imported when one is used: other tests pay nothing for it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from slackdesk.demo.stage import Stage
    from slackdesk.testing.desk import PluginDesk


@pytest.fixture
def plugin_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., "PluginDesk"]]:
    """``plugin_desk(folder, config={…})`` opens a desk in this process with the plugin of that folder, and only that.

    Returns ``slackdesk.testing.desk.PluginDesk``. At the end the test fails if Slack would have refused anything.
    """
    from slackdesk.testing.desk import PluginDesk  # noqa: PLC0415

    _clear_environment(monkeypatch)
    with ExitStack() as stack:

        def open_desk(plugin: Path, config: Mapping[str, Any] | None = None) -> "PluginDesk":
            folder = tmp_path / f"desk-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            desk = stack.enter_context(PluginDesk(plugin, folder, config))
            stack.callback(_check_journal, desk.sandbox.journal)
            return desk

        yield open_desk


@pytest.fixture
def plugin_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., "Stage"]]:
    """The same with ``slackdesk run`` and all its processes: slower, for what only they can show.

    Returns ``slackdesk.demo.stage.Stage``.
    """
    from slackdesk.demo.stage import Stage  # noqa: PLC0415
    from slackdesk.testing.desk import policy_text  # noqa: PLC0415

    _clear_environment(monkeypatch)
    with ExitStack() as stack:

        def start(plugin: Path, config: Mapping[str, Any] | None = None) -> "Stage":
            folder = tmp_path / f"stage-{len(list(tmp_path.iterdir()))}"
            (folder / "plugins").mkdir(parents=True)
            (folder / "plugins" / plugin.name).symlink_to(plugin.resolve())  # it alone, not what is beside it
            policy = policy_text(plugin.stem, config or {}, [folder / "plugins"])
            stage = stack.enter_context(Stage(folder, policy=policy))
            stack.callback(_check_journal, stage.sandbox.journal)
            return stage

        yield start


def _clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of a desk that runs on this machine reaches the one under test."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "SLACKDESK_")) or name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name)


def _check_journal(journal: Any) -> None:
    refused = [problem for entry in journal.illegal() for problem in entry.illegal]
    if refused:
        raise AssertionError("Slack would have refused:\n" + "\n".join(map(str, refused)))
