"""The commands of the core, and behind them those of plugins, at the top and in each group.

Plugins are looked for only when a word is no command of the core, and for ``--help``.
"""

from typing import Any

from typer.core import TyperGroup

ROOT = "slackdesk"


class Commands(TyperGroup):
    """The group that ``slackdesk`` is, and the groups in it to which plugins may add."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, the core's first."""
        return [*super().list_commands(ctx), *sorted(self._of_plugins())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The core's, else a plugin's; None for neither, after saying which plugins could have had it."""
        if (of_core := super().get_command(ctx, cmd_name)) is not None:
            return of_core
        from slackdesk.cli.command_lines import warn_of_missing_commands  # noqa: PLC0415

        if (of_plugin := self._of_plugins().get(cmd_name)) is None:
            warn_of_missing_commands()
        return of_plugin

    def _of_plugins(self) -> dict[str, Any]:
        from slackdesk.cli.command_lines import commands_of_plugins  # noqa: PLC0415  importing this loads no desk

        above = "" if self.name == ROOT else f"{self.name} "
        below = {path.removeprefix(above): one for path, one in commands_of_plugins().items() if path.startswith(above)}
        return {name: one for name, one in below.items() if " " not in name}
