"""The one error of the simulated workspace."""

from typing import Any


class ApiError(Exception):
    """A refusal, as Slack would word it: `{"ok": false, "error": code, **extra}`.

    Workspace primitives raise it too, so that a person's act and an app's call are refused by the same rule.
    """

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra
