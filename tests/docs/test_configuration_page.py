"""docs/configuration.md names every key and every variable there is, with its default, and none that there is not."""

import re
import tomllib
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from slackdesk.policy.durations import parse_duration
from slackdesk.policy.file import (
    CalendarSection,
    DeskSection,
    HolidaySection,
    PolicyFile,
    QueueSection,
    TierSection,
    ValidationSection,
)
from slackdesk.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "[desk]": DeskSection,
    "[calendars.<key>]": CalendarSection,
    "holidays = { … }": HolidaySection,
    "[queues.<key>]": QueueSection,
    "validation = { … }": ValidationSection,
    "[[queues.<key>.tiers]]": TierSection,
}


def _rows(heading: str) -> dict[str, str]:
    """Key → default of the table below a heading; a cell may name several keys."""
    part = re.search(rf"^##+ `?{re.escape(heading)}`?\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert part is not None, heading
    rows = re.findall(r"^\| (`[^|]+`) \|([^|]*)\|", part.group(1), re.MULTILINE)
    return {key: default.strip() for names, default in rows for key in re.findall(r"`([^`]+)`", names)}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_of_a_section_is_explained(heading: str) -> None:
    assert set(_rows(heading)) == set(SECTIONS[heading].model_fields)


@pytest.mark.parametrize("heading", SECTIONS)
def test_required_keys_and_defaults_are_right(heading: str) -> None:
    rows = _rows(heading)
    for key, field in SECTIONS[heading].model_fields.items():
        assert (rows[key] == "required") == field.is_required(), key
        if rows[key].startswith("`") and rows[key] != "`every_day`":
            default: Any = tomllib.loads(f"it = {rows[key].strip('`')}")["it"]
            wanted = field.default
            assert (parse_duration(default) if isinstance(wanted, timedelta) else default) == wanted, key


def test_every_table_of_the_file_has_a_section() -> None:
    for table in PolicyFile.model_fields:
        assert f"`[{table}" in PAGE


def test_plugin_settings_of_the_example_are_named() -> None:
    plugins = tomllib.loads(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"))["plugins"]
    for name, settings in plugins.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `plugins.{name}`"))
        missing = [key for key in settings if not re.search(rf"`[^`]*\b{key}\b", row)]
        assert missing == []


def test_every_variable_is_explained() -> None:
    names = {field.alias or f"SLACKDESK_{key.upper()}": field for key, field in Settings.model_fields.items()}
    rows = _rows("Environment")
    assert set(rows) == set(names)
    for name, default in rows.items():
        if default.startswith("`"):
            assert default.strip("`") == str(names[name].default), name


def test_every_key_describes_itself() -> None:
    models: list[type[BaseModel]] = [PolicyFile, *SECTIONS.values()]
    for model in models:
        assert [key for key, field in model.model_fields.items() if not field.description] == []
