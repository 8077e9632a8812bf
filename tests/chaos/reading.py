"""Recognizing the desk's sentences on the screen, in whatever language they are said."""

import re
from collections.abc import Mapping
from functools import lru_cache

from slackdesk.i18n import translator

CHANNEL_LOCALE = "en"
"""What channels read: the locale of the desk in the example policy."""


def says(text: str, template: str, known: Mapping[str, str], *locales: str) -> bool:
    """Whether a line of the text begins with that sentence, in one of the languages and with the known words."""
    return any(_pattern(template, tuple(sorted(known.items())), locale).search(text) is not None for locale in locales)


@lru_cache(maxsize=20_000)
def _pattern(template: str, known: tuple[tuple[str, str], ...], locale: str) -> re.Pattern[str]:
    places = {name: f"\0{name}\0" for name in re.findall(r"{(\w+)}", template)}
    said = re.escape(translator(locale)(template, **places).replace("*", ""))
    said = re.sub("<@(\0\\w+\0)>", r"@\1", said)  # people see names
    for name, words in known:
        said = said.replace(f"\0{name}\0", re.escape(words) + r"(?![\w-])")
    return re.compile("^" + re.sub("\0\\w+\0", ".+?", said), re.MULTILINE)
