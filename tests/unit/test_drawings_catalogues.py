"""Every sentence of the project has its counterpart in every catalogue, with the same places for values."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import slackdesk
from slackdesk.i18n import translator

PACKAGE = Path(slackdesk.__file__).parent
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/slackdesk.po"))

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("t", "translate", "later")),
    **dict.fromkeys(("Refused", "NotAllowed", "NotFound", "WrongState", "AlreadyClaimed")),
    "plural": (1, 2),
    "InvalidInput": (2,),
    "required": (3,),
}
"""What takes a sentence, and at which places."""

SPEAKING = ("plugin", "slack", "tickets", "doctor")
"""The parts whose sentences are for people in Slack; operators read English."""

Message = str | tuple[str, ...]


def sentences() -> set[Message]:
    """All of them, as the source has them."""
    folders = [(PACKAGE / part, "**.py") for part in SPEAKING] + [(PACKAGE, "i18n.py")]
    return {
        message
        for folder, pattern in folders
        for _, _, message, _, _ in extract_from_dir(folder, [(pattern, "python")], {}, KEYWORDS)
    }


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def catalogue_of(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=path.parts[-3])


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for part in SPEAKING:
        for path in sorted((PACKAGE / part).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_sentences_are_found_in_the_source() -> None:
    """The gathering itself works: sentences of the edge, of refusals and of drawings are among them."""
    found = sentences()
    assert len(found) > 200
    assert "Next answer by {answer_by}." in found
    assert "{number} is already on hold." in found
    assert ("{count} time", "{count} times") in found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_complete(path: Path) -> None:
    """Nothing is missing, doubtful or left over."""
    catalogue = catalogue_of(path)
    translated = {message.id for message in catalogue if message.id and message.string and not message.fuzzy}
    assert sorted(map(str, sentences() - translated)) == [], "sentences without a translation"
    assert sorted(map(str, translated - sentences())) == [], "translations of sentences that nobody says"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_have_the_places_of_their_sentences(path: Path) -> None:
    """Each fills in the same values; one that could be said without its value would hide it."""
    differing = []
    for message in catalogue_of(path):
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        original = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        if original:
            differing += [(original, form) for form in forms if places(form) != places(original)]
    assert differing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_sentences_are_said_in_the_language_of_the_catalogue(path: Path) -> None:
    """What people hear is what the catalogue says, through the compiled form that is used."""
    t = translator(path.parts[-3])
    for message in catalogue_of(path):
        if isinstance(message.id, str) and message.id:
            assert t(message.id, **{str(name): name for name in places(message.id)}) == message.string.format(
                **{str(name): name for name in places(message.id)}
            )


def test_sentences_with_values_are_marked_wherever_they_stand() -> None:
    """A template that is neither said on the spot nor marked with ``later`` could never be translated."""
    known = {text for message in sentences() for text in ([message] if isinstance(message, str) else message)}
    unmarked = []
    for path, tree in sources():
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        unmarked += [
            f"{path.name}:{node.lineno} {node.value!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
            if node.value not in known and " " in node.value and "%" not in node.value and _has_places(node.value)
        ]
    assert unmarked == []


def test_no_sentence_hides_in_an_f_string() -> None:
    """The gathering does not look into f-strings."""
    hidden = [
        f"{path.name}:{node.lineno}"
        for path, tree in sources()
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for node in ast.walk(joined)
        if isinstance(node, ast.Call) and _name_of(node.func) in KEYWORDS
        if any(isinstance(given, ast.Constant) for given in node.args)
    ]
    assert hidden == []


def _has_places(text: str) -> bool:
    try:
        return any(name and name.isidentifier() for name in places(text))
    except ValueError:
        return False


def _name_of(function: ast.expr) -> str:
    return getattr(function, "id", None) or getattr(function, "attr", "")
