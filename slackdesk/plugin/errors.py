"""What plugins do wrong. None of it reaches a person as it is: the core says who is at fault and goes on."""

from traceback import extract_tb

from slackdesk.errors import SlackdeskError

SHOWN_CHARACTERS = 300
"""As much of what a plugin raised as a sentence quotes."""


class PluginError(SlackdeskError):
    """A plugin asked for something that cannot be: the sentence is for its author."""


class PluginFailed(PluginError):
    """A plugin's function raised something; ``__cause__`` is what it was."""


class PluginTooSlow(PluginError):
    """A plugin's function did not return in its time."""


class PluginBusy(PluginError):
    """Every thread that a plugin has is in use; the same call may succeed later."""


class PluginFloods(PluginError):
    """A plugin asked for more messages or timers than it may in an hour."""


def said_where(error: BaseException) -> str:
    """The same, and the line of code that raised it."""
    frames = extract_tb(error.__traceback__)
    return f"{said(error)} ({frames[-1].filename}:{frames[-1].lineno})" if frames else said(error)


def said(error: BaseException) -> str:
    """What was raised, on one line: ``ValueError: no such topic``."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 — a plugin's own exception may fail even at that
        text = ""
    line = " ".join(f"{type(error).__name__}: {text}".split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
