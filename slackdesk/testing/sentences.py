"""The sentences that a plugin says to people, and whether each has its translation."""

import string
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import PoFileError, read_po

from slackdesk.plugin.declaration import Plugin
from slackdesk.testing.findings import Finding

KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("t", "later", "Refused", "NotAllowed", "NotFound", "WrongState")),
    "plural": (1, 2),
    "InvalidInput": (2,),
}
"""What takes a sentence, and at which places."""


def sentences_in(sources: Sequence[Path]) -> dict[str, tuple[Path, int]]:
    """Every sentence → where it is first said; both forms of one that counts."""
    found: dict[str, tuple[Path, int]] = {}
    for path in sources:
        for line, message, _, _ in extract("python", BytesIO(path.read_bytes()), dict(KEYWORDS)):
            for text in (message,) if isinstance(message, str) else message:
                found.setdefault(text, (path, line))
    return found


def check_catalogues(plugin: Plugin, main: Path, sources: Sequence[Path]) -> Iterator[Finding]:
    """Of each catalogue: it can be read, lacks nothing that is said, and fills in the same values."""
    if plugin.locale is None:
        return
    catalogues = sorted(plugin.locale.glob("*/LC_MESSAGES/plugin.po"))
    if not catalogues:
        yield Finding("locale: there is no <language>/LC_MESSAGES/plugin.po in this folder", plugin.locale)
    said = dict.fromkeys(declared_sentences(plugin), (main, 0)) | sentences_in(sources)
    for path in catalogues:
        try:
            with path.open("rb") as source:
                catalogue = read_po(source, locale=path.parts[-3], abort_invalid=True)
        except (PoFileError, ValueError) as error:
            yield Finding(f"not a gettext catalogue: {error}", path)
            continue
        yield from _missing(catalogue, path, said)
        yield from _differing(catalogue, path)


def declared_sentences(plugin: Plugin) -> list[str]:
    """Labels of buttons and the help of words: said by the core, through the plugin's catalogues."""
    words = [*plugin.commands.values(), *plugin.verbs.values()]
    return [button.label for button in plugin.buttons.values()] + [word.help for word in words]


def _missing(catalogue: Catalog, path: Path, said: Mapping[str, tuple[Path, int]]) -> Iterator[Finding]:
    translated = {
        text
        for message in catalogue
        if message.string and not message.fuzzy
        for text in ((message.id,) if isinstance(message.id, str) else message.id)
    }
    for text, (file, line) in said.items():
        if text not in translated:
            yield Finding(f"{text!r} has no translation in {path}", file, line or None)


def _differing(catalogue: Catalog, path: Path) -> Iterator[Finding]:
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        original = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms:
            if original and form and _values(form) != _values(original):
                yield Finding(f"the translation {form!r} has other {{values}} than {original!r}", path, message.lineno)


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
