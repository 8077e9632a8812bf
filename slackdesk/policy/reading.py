"""From the text of slackdesk.toml to a PolicyFile, or to everything that is wrong with it at once."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from slackdesk.errors import ConfigurationError, SlackdeskError
from slackdesk.policy.checks import cross_problems, plugin_problems
from slackdesk.policy.file import CalendarSection, DeskSection, PolicyFile, QueueSection

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
REDACTED = "********"
"""Shown in the place of a secret."""

_SECTIONS: dict[str, type[BaseModel]] = {"calendars": CalendarSection, "queues": QueueSection}
_HINTS = {
    "missing": "required, but not there; add it",
    "bool_type": "write true or false, without quotes",
    "bool_parsing": "write true or false, without quotes",
    "string_type": "write text in quotes",
    "list_type": "write a list in square brackets",
    "dict_type": "write a table",
    "model_type": "write a table",
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "too_short": "is empty; write at least one",
    "string_too_short": "is empty; write a text",
}


class PolicyError(SlackdeskError):
    """A policy that cannot be used; ``problems`` are all of them, each naming key, value and remedy."""

    def __init__(self, problems: Sequence[ConfigurationError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def read_policy(text: str) -> PolicyFile:
    """Read the text of a policy file. Raises PolicyError with every problem that can be seen without Slack."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([_syntax_problem(text, error)]) from None
    sections: dict[str, Any] = {"plugins": raw.get("plugins", {})}
    problems = [*_unknown_sections(raw), *plugin_problems(sections["plugins"])]
    sections["desk"] = _read_section("desk", DeskSection, raw.get("desk", {}), problems)
    for table, model in _SECTIONS.items():
        sections[table] = _read_table(table, model, raw.get(table, {}), problems)
    if isinstance(raw.get("queues"), dict) and isinstance(raw.get("calendars"), dict):
        problems += cross_problems(raw["calendars"], raw["queues"])
    if problems:
        raise PolicyError(problems)
    return PolicyFile(**sections)


def _read_table(
    table: str, model: type[BaseModel], raw: Any, problems: list[ConfigurationError]
) -> dict[str, BaseModel]:
    """The sections under ``table`` that can be read; what is wrong with the others is added to ``problems``."""
    if not isinstance(raw, dict) or not raw:
        problems.append(ConfigurationError(table, raw, f"required; add at least one [{table}.<key>]"))
        return {}
    read = {}
    for key, section in raw.items():
        if not _KEY.fullmatch(key):
            problems.append(
                ConfigurationError(table, key, "a key is 1 to 30 small letters, digits and _, and begins with a letter")
            )
        elif (one := _read_section(f"{table}.{key}", model, section, problems)) is not None:
            read[key] = one
    return read


def _read_section(path: str, model: type[BaseModel], raw: Any, problems: list[ConfigurationError]) -> BaseModel | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems += problems_in(path, model, error)
        return None


def problems_in(path: str, model: type[BaseModel], error: ValidationError) -> list[ConfigurationError]:
    """What is wrong with the section ``path``, each problem naming its key, the value and the remedy."""
    return [_problem(path, model, detail) for detail in error.errors()]


def _problem(path: str, model: type[BaseModel], detail: ErrorDetails) -> ConfigurationError:
    loc = [part for part in detail["loc"] if part != "[key]"]
    key = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    given = REDACTED if _is_secret(model, loc) else detail["input"]
    if detail["type"] == "extra_forbidden":
        return ConfigurationError(key, given, _unknown_key(str(loc[-1]), _known_keys(model, loc[:-1])))
    value = None if detail["type"] == "missing" else given
    message = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else detail["msg"]
    if detail["type"] == "literal_error":
        message = f"write {detail['ctx']['expected']}"
    return ConfigurationError(key, value, _HINTS.get(detail["type"], message))


def _is_secret(annotation: Any, loc: Sequence[int | str]) -> bool:
    """Whether a value at ``loc`` inside ``annotation`` may be a secret: also a key misspelt beside one."""
    for part in loc:
        inner = next((model for model in _models_in(annotation) if part in model.model_fields), None)
        if inner is not None:
            annotation = inner.model_fields[str(part)].annotation
    return _holds_secret(annotation)


def _holds_secret(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, SecretStr | SecretBytes):
        return True
    fields = [field.annotation for model in _models_in(annotation) for field in model.model_fields.values()]
    return any(map(_holds_secret, (*fields, *getattr(annotation, "__args__", ()))))


def _known_keys(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Keys of the section that ``loc`` leads to inside ``model``."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            for inner in _models_in(model.model_fields[part].annotation):
                model = inner
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _unknown_key(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else f"unknown key; known here: {', '.join(known)}"


def _unknown_sections(raw: dict[str, Any]) -> list[ConfigurationError]:
    known = list(PolicyFile.model_fields)
    return [ConfigurationError(key, raw[key], _unknown_key(key, known)) for key in raw if key not in known]


def _syntax_problem(text: str, error: tomllib.TOMLDecodeError) -> ConfigurationError:
    """tomllib tells the line only in its message, and at the end of the document not at all."""
    lines = text.splitlines() or [""]
    found = re.search(r"at line (\d+), column \d+", str(error))
    number = int(found.group(1)) if found else len(lines)
    return ConfigurationError(f"line {number}", lines[min(number, len(lines)) - 1], f"no valid TOML: {error}")
