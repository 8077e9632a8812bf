"""How the command line says what is wrong: sentences on stderr and exit code 1, never a stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from slackdesk.errors import SlackdeskError
from slackdesk.policy.reading import PolicyError


@contextmanager
def problems_are_told() -> Iterator[None]:
    """Errors made for people are printed; the process then exits with 1."""
    try:
        yield
    except SlackdeskError as error:
        problems = error.problems if isinstance(error, PolicyError) else [error]
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for problem in problems:
            console.print(Text.assemble(("Error: ", "red"), str(problem)))
        if isinstance(error, PolicyError):
            console.print(f"Problems: {len(problems)}. Nothing was changed.")
        raise SystemExit(1) from None
