"""The tour as it is told while it is played: who does what, and what can then be read, word for word."""

from datetime import date, datetime
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from slackdesk.sandbox.seen import SeenMessage

INDENT = " " * 7
"""As wide as a time of day, and what is between it and the text."""
LINES = 16
"""Of a message; the rest is only on the screen it was read from."""
LINE_CHARACTERS = 240


class Narrator:
    """Prints to a console; as a context manager it keeps a bar below what is told, where there is a terminal."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._console = console
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task("", total=None)
        self._date: date | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, done: int, total: int, phase: str) -> None:
        """How far the phase is that is being played."""
        self._bar.update(self._task, completed=done, total=total, description=phase)

    def waits(self, what: str) -> None:
        """Nobody acts any more."""
        self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=None)

    def tells(self, at: datetime, text: str) -> None:
        """A step: who does what. ``at`` is desk time, on the wall clock to be shown."""
        if at.date() != self._date:
            self._date = at.date()
            self._console.print(Text(f"\n{at:%A, %d %B %Y}", "bold underline"))
        self._print(Text(text, "bold"), INDENT, first=Text().append(f"{at:%H:%M}  ", "bold cyan"))

    def reads(self, who: str, seen: SeenMessage | None) -> None:
        """What somebody reads; nothing where there is nothing."""
        if seen is not None:
            self.quotes(f"@{who} reads", seen.text, seen.buttons)

    def quotes(self, head: str, text: str, buttons: tuple[str, ...] = ()) -> None:
        """Words from a screen, below a line that says from which."""
        lines = text.splitlines()
        cut = [line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]}…" for line in lines[:LINES]]
        if len(lines) > LINES:
            cut.append(f"… and {len(lines) - LINES} more lines")
        quote = Text("\n".join(cut))
        if buttons:
            labels = (f"[{button}]".replace(" ", "\N{NO-BREAK SPACE}") for button in buttons)
            quote.append("\n" + " ".join(labels), "green")
        self._print(Text(f"{head}:", "magenta"), INDENT)
        self._print(quote, f"{INDENT}│ ")

    def _print(self, text: Text, indent: str, first: Text | None = None) -> None:
        """Every line begins with the indent, or the first one with something else that is as wide."""
        for line in text.wrap(self._console, self._console.width - len(indent)):
            line.rstrip()
            self._console.print((first or Text().append(indent, "dim")).append_text(line))
            first = None
