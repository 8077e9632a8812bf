"""A plugin's function as a command of the command line."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast

import typer
from typer.core import TyperCommand

PANEL = "Commands of plugins"


def as_command(name: str, function: Callable[..., None], run: Callable[[Callable[..., None]], None]) -> TyperCommand:
    """The parameters behind the first one, ``ctx``, as typer's options; ``run`` calls the rest of it with a context.

    Raises whatever typer finds wrong with the parameters.
    """
    signature = inspect.signature(function, eval_str=True)

    @wraps(function)
    def command(**options: Any) -> None:
        run(partial(function, **options))

    parameters = list(signature.parameters.values())[1:]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    group = typer.Typer(add_completion=False)
    group.command(name, rich_help_panel=PANEL, context_settings={"help_option_names": ["-h", "--help"]})(command)
    return cast(TyperCommand, typer.main.get_command(group))  # a group of one command is that command
