"""The commands of the core, and behind them those of plugins.

Plugins are looked for only when a word is no command of the core, and for ``slackdesk --help``.
"""

from typing import Any

from typer.core import TyperGroup


class Commands(TyperGroup):
    """The group that ``slackdesk`` is."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, the core's first."""
        from slackdesk.cli.command_lines import commands_of_plugins  # noqa: PLC0415  importing this loads no desk

        return [*super().list_commands(ctx), *sorted(commands_of_plugins())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The core's, else a plugin's; None for neither, after saying which plugins could have had it."""
        if (of_core := super().get_command(ctx, cmd_name)) is not None:
            return of_core
        from slackdesk.cli.command_lines import commands_of_plugins, warn_of_missing_commands  # noqa: PLC0415

        if (of_plugin := commands_of_plugins().get(cmd_name)) is None:
            warn_of_missing_commands()
        return of_plugin
